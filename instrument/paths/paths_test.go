package paths_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/obsgen/obsgen/instrument/paths"
)

func TestPath(t *testing.T) {
	var n paths.Normalizer
	for path, want := range map[string]string{
		"/api/users":                "/api/users",
		"/":                         "/",
		"":                          "/",
		"/api/users/":               "/api/users",
		"//api//users":              "/api/users",
		"api/users":                 "/api/users",
		"/api/users?id=5":           "/api/users",
		"/api/users/5#top":          "/api/users/:id",
		"/api/users/123":            "/api/users/:id",
		"/api/users/123/orders/45/": "/api/users/:id/orders/:id",
		"/api/users/-5":             "/api/users/:id",
		"/api/users/123e4567-e89b-12d3-a456-426614174000":    "/api/users/:id",
		"/api/users/{123E4567-E89B-12D3-A456-426614174000}":  "/api/users/:id",
		"/api/users/not-a-uuid-but-36-characters-of-it-":     "/api/users/not-a-uuid-but-36-characters-of-it-",
		"/api/users/zzze4567-e89b-12d3-a456-426614174000":    "/api/users/zzze4567-e89b-12d3-a456-426614174000",
		"/api/users/abc123def456":                            "/api/users/:id",
		"/api/users/deadbeef":                                "/api/users/deadbeef",
		"/api/blobs/5d41402abc4b2a76b9719d911017c592":        "/api/blobs/:id",
		"/eth/0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae":    "/eth/:id",
		"/api/events/01ARZ3NDEKTSV4RRFFQ69G5FAV":             "/api/events/:id",
		"/api/events/01arz3ndektsv4rrffq69g5fav":             "/api/events/:id",
		"/api/days/2026-11-25":                               "/api/days/:id",
		"/api/days/2026-11-25T10:00:00Z":                     "/api/days/:id",
		"/api/days/2026-99-25":                               "/api/days/2026-99-25",
		"/api/people/ann@example.org":                        "/api/people/:id",
		"/api/people/ann%40example.org":                      "/api/people/:id",
		"/npm/@scope/package":                                "/npm/@scope/package",
		"/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgN": "/t/:id",
		"/t/dGhpcyBpcyBhIHRva2VuIQ9x4Zk==":                   "/t/:id",
		// What people write stays, whatever it looks like.
		"/decade/facade/effaced/accede":          "/decade/facade/effaced/accede",
		"/airports/v1/2fa/beef/mp3":              "/airports/v1/2fa/beef/mp3",
		"/api/v2.1/list":                         "/api/v2.1/list",
		"/docs/HowToConfigureTheServerForTls12":  "/docs/HowToConfigureTheServerForTls12",
		"/docs/getting-started-with-obsgen-2026": "/docs/getting-started-with-obsgen-2026",
		"/users/me":                              "/users/me",
		"/static/app.4f3e2d1c.js":                "/static/app.4f3e2d1c.js",
		"/users/:id":                             "/users/:id",
		"/straße/日本":                             "/straße/日本",
	} {
		if got := n.Path(path); got != want {
			t.Errorf("%s becomes %s, want %s", path, got, want)
		}
	}
}

func TestTemplate(t *testing.T) {
	var n paths.Normalizer
	for template, want := range map[string]string{
		"GET /users/{id}":                  "/users/:id",
		"/users/:id":                       "/users/:id",
		"/users/{id}/":                     "/users/:id",
		"/users/{id:[0-9]{1,3}/?}/x":       "/users/:id/x",
		"/users/<int:id>":                  "/users/:id",
		"example.org/files/{path...}":      "/files/*",
		"/files/*path":                     "/files/*",
		"/files/*":                         "/files/*",
		"/{$}":                             "/",
		"POST example.org/v1/{a}-{b}.json": "/v1/:a-:b.json",
		"/plain":                           "/plain",
		"/a//b":                            "/a/b",
	} {
		if got := n.Template(template, "/x/5"); got != want {
			t.Errorf("%s becomes %s, want %s", template, got, want)
		}
	}
	if got := n.Template("", "/users/5"); got != "/users/:id" {
		t.Errorf("without a template: %s", got)
	}
}

func TestSettings(t *testing.T) {
	n := paths.Normalizer{Placeholder: "{id}", Depth: 3, Identifier: func(s string) bool { return strings.HasPrefix(s, "usr_") }}
	for path, want := range map[string]string{
		"/users/usr_ann": "/users/{id}", "/users/5": "/users/{id}", "/a/b/c/d/e": "/a/b/c/*", "/a/b/c": "/a/b/c", "/a/b/c/": "/a/b/c", "/users/{id}": "/users/{id}",
	} {
		if got := n.Path(path); got != want {
			t.Errorf("%s becomes %s, want %s", path, got, want)
		}
	}
}

func TestBound(t *testing.T) {
	n := paths.Normalizer{Most: 10}
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for g := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range 100 {
				r := n.Path(fmt.Sprintf("/page-%c%c/x", 'a'+(g+i)%26, 'a'+i%7))
				mu.Lock()
				seen[r] = true
				mu.Unlock()
			}
		}()
	}
	all.Wait()
	if len(seen) != 11 || !seen["other"] {
		t.Errorf("%d routes: %v", len(seen), seen)
	}
}

func TestAllocatesNothing(t *testing.T) {
	n := paths.Normalizer{Most: 100}
	if a := testing.AllocsPerRun(100, func() { n.Path("/api/users/list") }); a != 0 {
		t.Errorf("%v allocations for a path that stays", a)
	}
	if a := testing.AllocsPerRun(100, func() { n.Template("/api/users", "/api/users") }); a != 0 {
		t.Errorf("%v allocations for a plain template", a)
	}
}

// TestNewRoutesCostTheSame measures what a new route costs in memory when thousands are there.
func TestNewRoutesCostTheSame(t *testing.T) {
	n := paths.Normalizer{Most: 100_000}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const routes = 16_000
	for i := range routes {
		n.Path(fmt.Sprintf("/page%d/x", i))
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / routes; each > 1024 {
		t.Errorf("each of %d new routes costs %d bytes", routes, each)
	}
}

// TestBadBytes wants routes that a label can have, whatever comes.
func TestBadBytes(t *testing.T) {
	for path, want := range map[string]string{"/\xff\xfe": "/\ufffd", "/caf\xe9/menu/17": "/caf\ufffd/menu/:id", "/日本": "/日本"} {
		for _, n := range []*paths.Normalizer{{}, {Most: 5}} {
			if got := n.Path(path); got != want {
				t.Errorf("%q becomes %q, want %q", path, got, want)
			}
			if got := n.Template("", path); got != want {
				t.Errorf("%q without a template becomes %q, want %q", path, got, want)
			}
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"/\xff\xfe", "\xe6\x97/1", "/api/users/123", "//a//", "/a?b", "/x/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/{a}/<b>", "*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, n := range []*paths.Normalizer{{}, {Depth: 2}, {Placeholder: "{id}"}} {
			once := n.Path(path)
			if twice := n.Path(once); twice != once {
				t.Errorf("%q becomes %q, and that %q", path, once, twice)
			}
			if !utf8.ValidString(once) || !utf8.ValidString(n.Template(path, path)) {
				t.Errorf("%q becomes %q, which is not UTF-8", path, once)
			}
			if !strings.HasPrefix(once, "/") || strings.Contains(once, "//") || len(once) > 1 && strings.HasSuffix(once, "/") {
				t.Errorf("%q becomes %q", path, once)
			}
		}
		n := &paths.Normalizer{}
		if r := n.Template(path, "/x"); !strings.HasPrefix(r, "/") && path != "" && strings.Contains(path, "/") {
			t.Errorf("the template %q becomes %q", path, r)
		}
	})
}

func BenchmarkPathThatStays(b *testing.B) {
	n := paths.Normalizer{Most: 100}
	b.ReportAllocs()
	for b.Loop() {
		n.Path("/api/users/list")
	}
}

func BenchmarkPathWithIDs(b *testing.B) {
	n := paths.Normalizer{Most: 100}
	b.ReportAllocs()
	for b.Loop() {
		n.Path("/api/users/123e4567-e89b-12d3-a456-426614174000/orders/17")
	}
}
