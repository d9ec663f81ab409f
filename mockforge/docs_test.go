package mockforge_test

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// markdownPage is what links need of a page: the text of its headings, and where it leads.
type markdownPage struct {
	anchors map[string]string // fragment to heading
	links   []string
}

// read parses a page as GitHub does, and numbers its headings as GitHub does.
func read(source []byte) markdownPage {
	p := markdownPage{anchors: map[string]string{}}
	counts := map[string]int{}
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch x := n.(type) {
		case *ast.Heading:
			title := plainText(x, source)
			slug := strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
					return unicode.ToLower(r)
				}
				return -1
			}, title)
			if n := counts[slug]; n > 0 {
				p.anchors[fmt.Sprintf("%s-%d", slug, n)] = title
			} else {
				p.anchors[slug] = title
			}
			counts[slug]++
		case *ast.Link:
			p.links = append(p.links, string(x.Destination))
		}
		return ast.WalkContinue, nil
	})
	return p
}

func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if s, ok := n.(*ast.Text); ok && entering {
			// A backslash before punctuation is markup; goldmark leaves it to the renderer.
			b.WriteString(strings.ReplaceAll(string(s.Value(source)), `\`, ""))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// TestDocsAreLinked follows every link of every page to a page and a heading of it, and reaches every page from the index.
func TestDocsAreLinked(t *testing.T) {
	pages := map[string]markdownPage{}
	for _, f := range rendered(t) {
		if strings.HasSuffix(f.Path, ".md") {
			pages[f.Path] = read(f.Data)
		}
	}
	local := 0
	next := map[string][]string{}
	for name, p := range pages {
		for _, l := range p.links {
			u, err := url.Parse(l)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if u.IsAbs() {
				continue
			}
			local++
			target := name
			if u.Path != "" {
				target = path.Join(path.Dir(name), u.Path)
			}
			to, ok := pages[target]
			if !ok {
				t.Errorf("%s leads to %s, which is no page", name, l)
				continue
			}
			if u.Fragment != "" && to.anchors[u.Fragment] == "" {
				t.Errorf("%s leads to %s, which is no heading there", name, l)
			}
			next[name] = append(next[name], target)
		}
	}
	for _, index := range []string{"docs/README.md", "profiles/production/docs/README.md"} {
		seen := map[string]bool{}
		var visit func(string)
		visit = func(s string) {
			if !seen[s] {
				seen[s] = true
				for _, n := range next[s] {
					visit(n)
				}
			}
		}
		visit(index)
		for name := range pages {
			if strings.HasPrefix(name, path.Dir(index)+"/") && !seen[name] {
				t.Errorf("no way leads from %s to %s", index, name)
			}
		}
	}
	t.Logf("%d pages, %d links within them", len(pages), local)
}

// TestRunbooks looks for the page that each alert's annotation promises.
func TestRunbooks(t *testing.T) {
	files := map[string][]byte{}
	for _, f := range rendered(t) {
		files[f.Path] = f.Data
	}
	for _, p := range plans(t) {
		_, folder, ok := strings.Cut(p.Profile.RunbookURL, "/out/")
		if !ok {
			t.Fatalf("profile %s publishes its docs at %q", p.Profile.Name, p.Profile.RunbookURL)
		}
		for _, g := range p.Groups {
			for _, r := range g.Rules {
				if r.Alert == nil {
					continue
				}
				page := files[strings.Replace(r.Alert.RunbookURL, p.Profile.RunbookURL, folder, 1)]
				for _, want := range []string{"# " + r.Alert.Name, "## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Silence", "## What feeds it", r.Expr.Pretty()} {
					if !strings.Contains(string(page), want) {
						t.Errorf("%s of %s has no %q", r.Alert.RunbookURL, p.Profile.Name, want)
					}
				}
			}
		}
	}
}
