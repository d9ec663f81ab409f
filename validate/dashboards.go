package validate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
)

// repeats reports whether a row repeats by a variable, so that its panels see one value at a time.
func (d *Dashboard) repeats(name string) bool {
	return slices.ContainsFunc(d.Texts, func(t source.Text) bool { return t.Value == name })
}

func replacedLabel(t infer.Type) bool {
	return slices.ContainsFunc(t.Labels.Names(), replaced.MatchString)
}

var (
	legendLabel   = regexp.MustCompile(`\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}`)
	equalVariable = regexp.MustCompile(`[^!=<>~]=\s*"((?:\$\w+|\$\{\w+\}|\[\[\w+\]\]))"`)
)

// builtIn reports whether Grafana itself has a variable.
func builtIn(name string) bool {
	return strings.HasPrefix(name, "__") || slices.Contains([]string{"timeFilter", "interval", "rate_interval", "range", "org", "user", "dashboard"}, name) && strings.HasPrefix(name, "__") || name == "timeFilter"
}

// groupNumber reports whether a name is that of a group of a regular expression: $1.
func groupNumber(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}
