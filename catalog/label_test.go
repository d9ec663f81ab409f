package catalog_test

import (
	"regexp"
	"testing"

	"github.com/obsgen/obsgen/catalog"
)

type code struct{}

func TestMatcherFault(t *testing.T) {
	codes := catalog.Pattern[code](`[1-5]\d\d`, 20, "code", "HTTP status.")
	clerks := catalog.AtMost[clerk](9, "clerk", "Clerk.")
	south, ok, teapot := catalog.V[till]("south"), catalog.V[code]("200"), catalog.V[code]("tea")
	anna := catalog.V[clerk]("anna")
	for _, c := range []struct {
		matcher catalog.Matcher
		want    string // regular expression; empty: sound
	}{
		// closed set: east, west
		{tills.Is(east), ""},
		{tills.Is(south), "^no value of till passes; it has east, west$"},
		{tills.Not(east), ""},
		{tills.Not(south), ""},
		{tills.In(east, south), ""},
		{tills.In(south), "no value of till passes"},
		{tills.In(), "no value of till passes"},
		{tills.NotIn(east), ""},
		{tills.NotIn(east, west), "no value of till passes"},
		{tills.Matches("e.*"), ""},
		{tills.Matches("eas"), "no value of till passes"}, // whole values only
		{tills.NotMatches("s.*"), ""},
		{tills.NotMatches(".*"), "no value of till passes"},
		{tills.Matches("("), "does not compile: .*missing closing"},
		{tills.Matches("a)(b"), "does not compile: .*unexpected \\)"},
		// pattern
		{codes.Is(ok), ""},
		{codes.Is(teapot), `^a value of code matches \[1-5\]`},
		{codes.Is(catalog.V[code]("")), ""}, // series without the label
		{codes.Not(teapot), ""},
		{codes.Matches("5.."), ""},
		{codes.NotMatches("["), "does not compile"},
		// any value
		{clerks.Is(anna), ""},
		{clerks.In(anna), ""},
		{clerks.Matches("*"), "does not compile: .*missing argument"},
		// a pattern that is itself broken is the label's fault, not the matcher's
		{aisles.Is(catalog.V[aisle]("a1")), ""},
		{undeclared.Is(anna), ""},
	} {
		got := c.matcher.Fault()
		if c.want == "" && got != "" || c.want != "" && !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: fault %q, want %q", c.matcher, got, c.want)
		}
	}
}

// TestInSelectsItsOwnValues takes a value with everything that a regular expression would read otherwise.
func TestInSelectsItsOwnValues(t *testing.T) {
	odd := catalog.V[till]("a \"b\"\\c\n|.")
	if got := tills.In(odd); !regexp.MustCompile("^(?s:" + got.Text + ")$").MatchString(odd.String()) {
		t.Errorf("In does not select its own value: %s", got)
	}
}
