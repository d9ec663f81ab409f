// Command foreignvalue gives a label the value of another that has the same name.
package main

import "github.com/obsgen/obsgen/catalog"

type (
	httpStatus  struct{}
	closeStatus struct{}
)

var (
	normal      = catalog.V[closeStatus]("normal")
	HTTPStatus  = catalog.AtMost[httpStatus](20, "status", "HTTP status.")
	CloseStatus = catalog.OneOf("status", "How the connection ended.", normal)
)

func main() {
	_ = CloseStatus.Is(normal)
	_ = HTTPStatus.Is(normal)                                              // want `cannot use normal \(variable of struct type catalog.Value\[closeStatus\]\) as catalog.Value\[httpStatus\]`
	_ = HTTPStatus.In(normal)                                              // want `cannot use normal`
	_ = catalog.OneOf("status", "h", catalog.V[httpStatus]("200"), normal) // want `type catalog.Value\[closeStatus\] of normal does not match`
}
