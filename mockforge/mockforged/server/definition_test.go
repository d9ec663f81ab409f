package server

import (
	"strings"
	"testing"
)

// TestDefineRefuses looks at what each fault of a definition is told as.
func TestDefineRefuses(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"mocks: [{route: GET}]", `the route "GET" is not a new one`},
		{"mocks: [{route: GET /a}, {route: GET /a}]", `the route "GET /a" is not a new one`},
		{"mocks: [null]", "a mock is empty"},
		{"mocks: [{route: GET /a, failures: [{status: 200, share: 0.5}]}]", "200 is no status of a failure"},
		{"mocks: [{route: GET /a, failures: [{status: 500, share: 0.6}, {status: 502, share: 0.6}]}]", "the sum of its failures is 1.2"},
		{"mocks: [{route: GET /a, circuit: nowhere}]", "there is no circuit nowhere"},
		{"mocks: [{route: GET /a, bulkhead: nowhere}]", "there is no bulkhead nowhere"},
		{"bulkheads: {full: 0}", "bulkhead full lets 0 in"},
		{"mocks: [{route: GET /a, status: 99}]", "99 is no status of an answer"},
		{"mocks: [{route: GET /a, latency: fast}]", `"fast" is no duration such as 250ms`},
		{"mocks: [{route: GET /a, body: '{{nonsense}}'}]", "its body"},
		{"mocks: [{route: 'GET /{a', body: x}]", "parsing"},
		{"mocks: [{route: 'GET /{a}/x'}, {route: 'GET /y/{b}'}]", "conflicts"},
		{"calls: [null]", "a call is empty"},
		{"calls: [{method: Hello}]", `the method "Hello" is not like /package.Service/Method`},
		{"modes: {sunny: {}}", "there is no mode sunny; modes are "},
		{"modes: {error: }", "mode error is empty"},
		{"modes: {error: {faults: {rain: 1}}}", "there is no fault rain; faults are "},
		{"modes: {error: {faults: {timeout: 2}}}", "a share is between 0 and 1"},
		{"orchestrations: [{name: a, steps: [{name: b, mode: sunny}]}]", "orchestration a, step b: there is no mode sunny"},
		{"market: {cars: [a]}", "the market has no cars; it trades in "},
		{"mock: []", "unknown field"},
		{"\t", "reading the definition"},
	} {
		if _, err := define([]byte(c.yaml)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", c.yaml, err, c.want)
		}
	}
}

// FuzzDefine looks for definitions that are accepted and then cannot be served, and for those that panic.
func FuzzDefine(f *testing.F) {
	f.Add(usual)
	f.Add([]byte("mocks: [{route: GET /a, body: '{{.id}}'}]"))
	f.Add([]byte("modes: {error: {faults: {timeout: 0.5}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := define(data)
		if err != nil {
			return
		}
		for _, m := range d.Mocks {
			if m.text == nil || m.verb == "" || m.draw() < 0 {
				t.Errorf("a mock that cannot be served: %+v", m)
			}
		}
	})
}
