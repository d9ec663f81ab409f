package client

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRedacted(t *testing.T) {
	for address, want := range map[string]string{
		"http://localhost:9090/x":     "http://localhost:9090/x",
		"http://u:canary@h:1/p?q=a@b": "http://u:xxxxx@h:1/p?q=a@b",
		"http://u@h":                  "http://u@h",
		"http://u:can/ary@h":          "http://xxxxx@h",
		"http://u:canary@h h:1":       "http://xxxxx@h h:1",
		"http://u:canary@h:port":      "http://xxxxx@h:port",
		"u:canary@h:9090":             "xxxxx@h:9090",
		"//u:canary@h":                "//u:xxxxx@h",
		"http://u:%zzcanary@h":        "http://xxxxx@h",
		"localhost:9090":              "localhost:9090",
		"http://u:can@ary@h/":         "http://u:xxxxx@h/",
	} {
		if got := Redacted(address); got != want {
			t.Errorf("Redacted(%q) = %q, want %q", address, got, want)
		}
		if _, err := Address(address, "http://x"); err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("Address(%q): %v", address, err)
		}
	}
}

func TestWithoutPasswords(t *testing.T) {
	for text, want := range map[string]string{
		`parse "http://u:canary@h h": no`:        `parse "http://u:xxxxx@h h": no`,
		"open /d/http:/u:canary@h/x: no file":    "open /d/http:/u:xxxxx@h/x: no file",
		"http://h:1/a@b and a:b@c":               "http://h:1/a@b and a:b@c",
		"sum by (job) (up{a=\"x:y@z\"} @ end())": "sum by (job) (up{a=\"x:y@z\"} @ end())",
	} {
		if got := WithoutPasswords(text); got != want {
			t.Errorf("WithoutPasswords(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestRedirects are followed on one host, and never to another: headers and the password would go there.
func TestRedirects(t *testing.T) {
	var seen []*http.Request
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r) }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/same":
			http.Redirect(w, r, "/target", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL+"/target", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/target":
			if r.Header.Get("X-Scope-OrgID") != "canary" {
				t.Error("the header is not sent on the same host")
			}
		}
	}))
	defer server.Close()
	c := New(http.Header{"X-Scope-OrgID": {"canary"}, "Authorization": {"Bearer canary"}}, time.Minute)
	for path, want := range map[string]string{"/same": "", "/other": "redirects to another host, " + other.URL + "/target", "/loop": "redirects 10 times"} {
		for _, verb := range []string{http.MethodGet, http.MethodPost} {
			req, err := http.NewRequestWithContext(t.Context(), verb, server.URL+path, strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s %s: %v, want %q", verb, path, err, want)
			}
		}
	}
	if len(seen) > 0 {
		t.Errorf("the other host was asked %d times", len(seen))
	}
}

func TestSameHost(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		follows  bool
	}{
		{"http://h/a", "http://H/b", true},
		{"http://h/a", "https://h/a", true},
		{"https://h/a", "http://h/a", false},
		{"http://h:9090/", "http://h:9091/", false},
		{"http://h/", "http://sub.h/", false},
		{"http://h:3000/", "https://h:3000/", true},
	} {
		first, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.from, nil)
		if err != nil {
			t.Fatal(err)
		}
		next, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameHost(next, []*http.Request{first}); (err == nil) != tt.follows {
			t.Errorf("%s to %s: %v", tt.from, tt.to, err)
		}
	}
}
