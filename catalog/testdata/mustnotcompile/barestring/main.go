// Command barestring passes text where a label wants one of its values.
package main

import "github.com/obsgen/obsgen/catalog"

type protocol struct{}

var (
	HTTP     = catalog.V[protocol]("http")
	Protocol = catalog.OneOf("protocol", "Protocol.", HTTP)
)

func main() {
	_ = Protocol.Is(HTTP)
	_ = Protocol.Is("http")       // want `cannot use "http" \(untyped string constant\) as catalog.Value\[protocol\]`
	_ = Protocol.In(HTTP, "grpc") // want `cannot use "grpc"`
	_ = Protocol.Matches("ht.*")
}
