package main

import (
	"bytes"
	"testing"
)

const said = `{"config":{"scanner_name":"govulncheck"}}
{"osv":{"id":"GO-1","summary":"Loops for ever"}}
{"osv":{"id":"GO-2","summary":"Panics"}}
{"osv":{"id":"GO-3","summary":"Leaks"}}
{"finding":{"osv":"GO-1","fixed_version":"v1.2.3","trace":[{"module":"stdlib","version":"v1.2.2","package":"net/http","function":"Get"}]}}
{"finding":{"osv":"GO-1","fixed_version":"v1.2.3","trace":[{"module":"stdlib","version":"v1.2.2","package":"net/http","function":"Do","receiver":"Client"}]}}
{"finding":{"osv":"GO-2","trace":[{"module":"example.org/m","version":"v1.0.0"}]}}
{"finding":{"osv":"GO-2","trace":[{"module":"example.org/m","version":"v1.0.0","package":"example.org/m"}]}}
{"finding":{"osv":"GO-3","trace":[{"module":"example.org/n","version":"v1.0.0","package":"example.org/n","function":"F"}]}}
`

func TestReport(t *testing.T) {
	all := map[string]*vulnerability{}
	for _, program := range []string{"a", "b"} {
		if err := read([]byte(said), program, all); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if bad := report(&out, all); bad != 1 {
		t.Errorf("%d fail, want 1: the one that is called and not of the standard library", bad)
	}
	const want = "notice: GO-1 in stdlib v1.2.2 (a, b), fixed in v1.2.3: Loops for ever\ncalled: GO-3 in example.org/n v1.0.0 (a, b), not fixed yet: Leaks\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestNothingSaidIsNoSuccess(t *testing.T) {
	for _, text := range []string{"", "{}", "no JSON"} {
		if err := read([]byte(text), "a", map[string]*vulnerability{}); err == nil {
			t.Errorf("%q is taken for an answer", text)
		}
	}
}
