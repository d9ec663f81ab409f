// Command labelset gives a recorder a metric whose labels are others, too few, or in another order.
package main

import "github.com/obsgen/obsgen/catalog"

type (
	protocol struct{}
	method   struct{}
)

var (
	Protocol = catalog.AtMost[protocol](3, "protocol", "Protocol.")
	Method   = catalog.AtMost[method](9, "method", "Method.")

	requests = catalog.NewGroup("Requests", catalog.GroupSpec{})
	right    = catalog.NewCounter(requests, "right_total", catalog.By2(Protocol, Method), catalog.Spec{})
	swapped  = catalog.NewCounter(requests, "swapped_total", catalog.By2(Method, Protocol), catalog.Spec{})
	fewer    = catalog.NewCounter(requests, "fewer_total", catalog.By1(Protocol), catalog.Spec{})
	gauge    = catalog.NewGauge(requests, "gauge", catalog.By2(Protocol, Method), catalog.Spec{})
)

func record(catalog.Counter[catalog.Labels2[protocol, method]]) {}

func main() {
	record(right)
	record(swapped) // want `cannot use swapped .*Labels2\[method, protocol\]`
	record(fewer)   // want `cannot use fewer .*Labels1\[protocol\]`
	record(gauge)   // want `cannot use gauge .*catalog.Gauge`
}
