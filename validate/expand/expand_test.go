package expand

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

const before = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// predicted returns what Faults says of a template, ok is false where it does not parse.
func predicted(text string) (faults []Fault, ok bool) {
	trees, err := parse.Parse("text", before+text, "", "", Functions)
	if err != nil {
		return nil, false
	}
	return Faults(trees, "text", false), true
}

// expanded expands a template as Prometheus does.
func expanded(text string, ls map[string]string, value float64, results int) error {
	query := func(context.Context, string, time.Time) (promql.Vector, error) {
		v := promql.Vector{}
		for i := range results {
			v = append(v, promql.Sample{F: float64(i), Metric: labels.FromStrings("job", "a", "i", strconv.Itoa(i))})
		}
		return v, nil
	}
	data := template.AlertTemplateData(ls, map[string]string{"cluster": "c"}, "http://x/", promql.Sample{F: value})
	_, err := template.NewTemplateExpander(context.Background(), before+text, "text", data, 1_000_000, query, &url.URL{Scheme: "http", Host: "x"}, nil).Expand()
	return err
}

// ofData are errors that depend on the labels' and results' contents.
var ofData = regexp.MustCompile(`first\(\) called on vector|strconv\.ParseFloat|index out of range|not a valid duration string|empty duration string|unknown unit|error parsing regexp|cannot be represented|NaN or Inf|invalid slice index|slice bounds`)

// situations expands a template with many data and returns the errors: those of the data, and all others.
func situations(text string) (data, others []error) {
	for bits := range 64 {
		ls := map[string]string{"job": "a", "n": "5"}
		if bits>>5 == 1 {
			ls = map[string]string{"missing": "x"}
		}
		for i := range 4 {
			if bits>>i&1 == 1 {
				ls["c"+strconv.Itoa(i)] = "x"
			}
		}
		if bits == 63 {
			ls = nil // as of sum(x)
		}
		for _, results := range []int{0, 2} {
			switch err := expanded(text, ls, float64(bits>>4&1)*2, results); {
			case err == nil:
			case ofData.MatchString(err.Error()):
				data = append(data, err)
			default:
				others = append(others, err)
			}
		}
	}
	return data, others
}

// fails are templates that Prometheus cannot expand, sound those that it can.
var fails = []string{
	`{{ if gt $value 1 }}many{{ end }}`, `{{ $labels.foo.bar }}`, `{{ .CommonLabels.foo }}`, `{{ $value.foo }}`, `{{ if eq $labels.foo 1 }}x{{ end }}`,
	`{{ .dev }}`, `{{ .value }}`, `{{ .Labels.a.b }}`, `{{ $externalURL.x }}`, `{{ .ExternalLabels.a.b }}`,
	`{{ if $labels.c0 }}{{ $value.x }}{{ end }}`, `{{ if $labels.c0 }}a{{ else }}{{ .x }}{{ end }}`, `{{ if eq $value 1.0 }}{{ .x }}{{ else if lt $value 2 }}x{{ end }}`,
	`{{ with $labels.c0 }}{{ .foo }}{{ end }}`, `{{ with query "up" }}{{ .Labels }}{{ end }}`, `{{ range query "up" }}{{ .Name }}{{ end }}`, `{{ range $value }}{{ end }}`,
	`{{ range $labels.job }}{{ end }}`, `{{ range $k, $v := $labels }}{{ $v.x }}{{ end }}`, `{{ range $i, $s := query "up" }}{{ add $i 1 }}{{ end }}`[:0] + `{{ range $i, $s := query "up" }}{{ $i.x }}{{ end }}`,
	`{{ range $i, $s := 3 }}{{ end }}`, `{{ query "up" | value }}`, `{{ query "up" | first | first }}`, `{{ first $labels }}`, `{{ query 1 }}`, `{{ query $value }}`, `{{ label "a" $labels }}`,
	`{{ query "up" | first | label 1 }}`, `{{ query "up" | first | value | toUpper }}`, `{{ sortByLabel "a" $labels }}`, `{{ query "up" | sortByLabel "i" | len | toUpper }}`,
	`{{ toUpper $value }}`, `{{ $value | toLower }}`, `{{ title 5 }}`, `{{ humanize $labels }}`, `{{ humanize true }}`, `{{ $labels | humanizeDuration }}`, `{{ humanize "abc" }}`, `{{ "x" | humanizePercentage }}`,
	`{{ humanizeTimestamp "y" }}`, `{{ toTime "z" }}`, `{{ parseDuration "5x" }}`, `{{ parseDuration 5 }}`, `{{ parseDuration "" }}`, `{{ reReplaceAll "(" "" $labels.job }}`, `{{ match "[" $labels.job }}`, `{{ match $labels.job }}`,
	`{{ index $labels 1 }}`, `{{ index $value "a" }}`, `{{ index $labels "a" "b" }}`, `{{ index (query "up") "a" }}`, `{{ index (query "up") 0 "x" }}`, `{{ index "abc" 5 }}`, `{{ index "abc" 3 }}`, `{{ index "" 0 }}`, `{{ index nil 1 }}`,
	`{{ len $value }}`, `{{ len 3 }}`, `{{ len nil }}`, `{{ slice $value 1 }}`, `{{ slice "abc" 2 1 }}`, `{{ slice "abc" 4 }}`, `{{ slice "abc" 1 2 3 }}`, `{{ slice $labels 1 }}`, `{{ slice $labels.job "a" }}`, `{{ slice $labels.job -1 }}`,
	`{{ call $value }}`, `{{ call $labels.job }}`, `{{ eq $labels $labels }}`, `{{ eq $labels "a" }}`, `{{ eq 1 }}`, `{{ eq 1 1.0 }}`, `{{ eq "a" 1 }}`, `{{ eq $value "1" }}`, `{{ ne $value 0 }}`, `{{ lt $labels.job 5 }}`, `{{ lt true false }}`,
	`{{ le $value 5 }}`, `{{ ge $value 90 }}`, `{{ lt $labels 1 }}`, `{{ gt nil 1 }}`, `{{ lt 1i 2i }}`, `{{ eq (len $labels) 1.0 }}`, `{{ eq 1 2 "a" }}`, `{{ and $labels.c0 $value.x }}`, `{{ or $labels.c0 (gt $value 1) }}`,
	`{{ and true (lt $value 1) }}`, `{{ if and (gt $value 1.0) $labels.a.b }}x{{ end }}`, `{{ not }}`, `{{ not 1 2 }}`, `{{ printf }}`, `{{ printf $value }}`, `{{ printf 5 }}`, `{{ now 1 }}`, `{{ $value | now }}`, `{{ externalURL "x" }}`,
	`{{ $labels.job "x" }}`, `{{ $value 1 }}`, `{{ "a" 1 }}`, `{{ 5 $value }}`, `{{ nil }}`[:0] + `{{ $x := nil }}`[:0] + `{{ (nil).x }}`[:0] + `{{ template "x" }}`, `{{ define "a" }}{{ .x }}{{ end }}{{ template "a" $labels.job }}`,
	`{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`, `{{ define "a" }}{{ .Labels.x.y }}{{ end }}{{ template "a" . }}`, `{{ block "a" $value }}{{ .x }}{{ end }}`,
	`{{ $x := "a" }}{{ $x = $value }}{{ $x | toUpper }}`, `{{ $x := $value }}{{ if $labels.c0 }}{{ $x = 2.0 }}{{ end }}{{ toUpper $x }}`, `{{ $x := 1 }}{{ range query "up" }}{{ $x = .Value }}{{ end }}{{ if gt $value 5 }}{{ end }}`,
	`{{ with $x := $labels.c0 }}{{ gt $x 5 }}{{ end }}`, `{{ (args 1 $value).arg1.foo }}`, `{{ (args 1).arg5.foo }}`, `{{ args 1 | humanize }}`, `{{ (args "a").arg0 | len | toUpper }}`,
	`{{ ($value | toTime).Foo }}`, `{{ ($value | toTime).Format }}`, `{{ ($value | toTime).Format 5 }}`, `{{ ($value | toTime).Date }}`, `{{ ($value | toTime).Unix | toUpper }}`, `{{ toDuration 5 | humanizeDuration }}`, `{{ (toDuration $value).Foo }}`,
	`{{ ($value | toTime).Zone }}`, `{{ ($value | toTime).wall }}`, `{{ safeHtml "x" | toUpper }}`, `{{ safeHtml $value }}`, `{{ strvalue $labels }}`, `{{ graphLink $value }}`, `{{ stripPort $labels }}`, `{{ urlQueryEscape $value }}`,
	`{{ $labels.instance | reReplaceAll "a" }}`, `{{ $labels.instance | reReplaceAll "a" "b" "c" }}`, `{{ reReplaceAll "a" 1 $labels.job }}`, `{{ range $labels }}{{ .x }}{{ end }}`, `{{ range . }}{{ end }}`, `{{ with . }}{{ .Foo }}{{ end }}`,
	`{{ printf "%s" $labels.a.b }}`, `{{ print $value.x }}`, `{{ html .foo }}`, `{{ (index $labels "a").b }}`, `{{ (query "up" | first).Foo }}`, `{{ (query "up" | first).Labels.a.b }}`, `{{ (index (query "up") 0).Value.x }}`,
	`{{ range query "up" }}{{ if gt .Value 1 }}{{ end }}{{ end }}`, `{{ $x := 1 }}{{ range $i := 3 }}{{ $x.y }}{{ end }}`, `{{ 99999999999999999999 }}`[:0] + `{{ 18446744073709551615 }}`, `{{ humanize (toTime $value) }}`, `{{ if not $labels.c0 }}{{ $labels.c0.x }}{{ end }}`,
	`{{ range query "up" }}{{ break }}{{ end }}{{ $value.x }}`, `{{ $x := 1.0 }}{{ range query "up" }}{{ $x = "a" }}{{ break }}{{ end }}{{ gt $x 1 }}`, `{{ range $labels }}{{ continue }}{{ else }}{{ $value.x }}{{ end }}{{ gt $value 1 }}`,
	`{{ eq (print 1) 1 }}`, `{{ if eq (printf "%d" 1) "1" }}{{ $value.x }}{{ end }}`, `{{ if false }}x{{ else }}{{ $value.x }}{{ end }}`, `{{ if 0 }}{{ else }}{{ $value.x }}{{ end }}`, `{{ with "" }}{{ else }}{{ .x }}{{ end }}`, `{{ range 0 }}{{ else }}{{ .x }}{{ end }}`,
}

var sound = []string{
	``, `plain`, `{{ $value }}`, `{{ if gt $value 1.0 }}x{{ end }}`, `{{ index $labels "foo" }}`, `{{ index $labels "foo.bar" | toUpper }}`, `{{ .Value }}{{ .Labels.x }}{{ .ExternalURL }}{{ .ExternalLabels.cluster }}`,
	`{{ $value | humanize }}{{ $value | humanize1024 }}{{ $value | humanizeDuration }}{{ $value | humanizePercentage }}{{ $value | humanizeTimestamp }}`, `{{ printf "%.2f" $value }}`, `{{ printf "%d" $value }}`, `{{ humanize 5 }}{{ humanize "5" }}`,
	`{{ if eq $labels.job "a" "b" }}x{{ end }}`, `{{ with query "up" }}{{ . | first | value | humanize }}{{ end }}`, `{{ range query "up" }}{{ .Labels.job }}{{ .Value }}{{ end }}`, `{{ range $k, $v := $labels }}{{ $k }}{{ $v | toUpper }}{{ end }}`,
	`{{ query "up" | sortByLabel "i" | len }}`, `{{ label "job" (query "up" | first) }}`, `{{ if $labels.x }}{{ else }}{{ end }}`, `{{ len $labels }}`, `{{ len (query "up") }}`, `{{ gt (len $labels) 1 }}`, `{{ slice $labels.job 0 1 }}`, `{{ if and $labels.job (gt $value 1.0) }}x{{ end }}`,
	`{{ and false $value.x }}`, `{{ or true $value.x }}`, `{{ if false }}{{ $value.x }}{{ end }}`, `{{ with "" }}{{ .x }}{{ end }}`, `{{ range 0 }}{{ .x }}{{ end }}`, `{{ eq nil nil }}`, `{{ not $labels }}`, `{{ eq 1 1 2.0 }}`, `{{ eq 1i 2i }}`,
	`{{ define "a" }}{{ .x }}{{ end }}`, `{{ define "a" }}{{ . | toUpper }}{{ end }}{{ template "a" $labels.job }}`, `{{ define "a" }}{{ .x }}{{ end }}{{ template "a" }}`, `{{ block "a" . }}{{ .Value }}{{ end }}`, `{{ define "a" }}{{ if . }}{{ template "a" false }}{{ end }}{{ end }}{{ template "a" true }}`,
	`{{ $x := $value }}{{ $x = "a" }}{{ $x | toUpper }}`, `{{ $x := 1 }}{{ if $labels.c0 }}{{ $x = 2 }}{{ end }}{{ gt $x 1 }}`, `{{ (args 1 "a").arg1 | toUpper }}`, `{{ (args 1).arg5 }}`, `{{ $a := (args 1).arg5 }}{{ $a.foo }}`, `{{ (args $labels).arg0.job }}`,
	`{{ ($value | toTime).Format "2006" }}{{ ($value | toTime).Unix }}{{ ($value | toTime).Month.String }}{{ (($value | toTime).Add 5).Year }}`, `{{ (toDuration $value).Hours }}{{ (toDuration 5).String | toUpper }}`, `{{ ($value | toTime).Location.String }}`, `{{ ($value | toTime).UTC.Weekday }}`,
	`{{ $value | printf "%.1f" | toUpper }}`, `{{ $labels.job | reReplaceAll "a(.)" "$1" }}`, `{{ match "a" $labels.job }}`, `{{ safeHtml "x" }}{{ eq (safeHtml "x") "x" }}`, `{{ externalURL }}{{ pathPrefix }}{{ now }}`, `{{ graphLink "up" }}{{ tableLink "up" }}`, `{{ strvalue (query "up" | first) }}`, `{{ now | toTime }}`,
	`{{ parseDuration "5m" }}`, `{{ parseDuration "5m" | humanizeDuration }}`, `{{ range $i := 3 }}{{ $i }}{{ end }}`, `{{ range 3 }}{{ . }}{{ end }}`, `{{ range $labels }}{{ . }}{{ break }}{{ end }}`, `{{ $x := 1 }}{{ range query "up" }}{{ $x = 2 }}{{ continue }}{{ end }}{{ eq $x 2 }}`, `{{ eq (index "abc" 1) 98 }}`,
	`{{ lt (index "abc" 1) 98 }}`, `{{ html "<" | len }}{{ js "x" }}{{ urlquery $value }}{{ println $value }}`, `{{/* a comment */}}`, `{{ $labels.job | urlQueryEscape }}`, `{{ $ }}`, `{{ $.Value }}`, `{{ $.Labels.job }}`, `{{ stripPort $labels.job | stripDomain | title }}`, `{{ "a" | eq "a" }}`, `{{ 1.0 | gt $value }}`,
	`{{ index $labels $labels.job }}`, `{{ index (query "up") 0 }}`, `{{ print nil }}`, `{{ printf "%v" nil }}`, `{{ eq $labels nil }}`, `{{ eq nil $labels.job }}`, `{{ or nil $labels.job }}`, `{{ eq (query "up" | first) nil }}`, `{{ if (query "up") }}x{{ end }}`, `{{ eq 'a' 97 }}`, `{{ eq 0x10 16 }}`, `{{ gt 1e3 $value }}`,
	`{{ with $x := query "up" }}{{ (index $x 0).Labels.job }}{{ end }}`, `{{ range $i, $s := query "up" }}{{ if eq $i 0 }}{{ $s.Value }}{{ end }}{{ end }}`, `{{ if ne $labels.c0 "" }}a{{ else if eq $labels.c1 "" }}b{{ else }}c{{ end }}`,
}

func TestFaults(t *testing.T) {
	for _, text := range fails {
		fs, ok := predicted(text)
		data, others := situations(text)
		errs := append(others, data...)
		if len(errs) == 0 {
			t.Errorf("Prometheus expands %s", text)
			continue
		}
		if !ok {
			t.Errorf("%s does not parse", text)
		} else if len(fs) == 0 {
			t.Errorf("nothing is said of %s: %v", text, errs[0])
		}
		for _, f := range fs {
			if f.Message == "" || f.Mend == "" {
				t.Errorf("%s: %+v", text, f)
			}
		}
	}
	for _, text := range sound {
		fs, ok := predicted(text)
		if _, errs := situations(text); len(errs) > 0 {
			t.Errorf("Prometheus does not expand %s: %v", text, errs[0])
		}
		if !ok {
			t.Errorf("%s does not parse", text)
		}
		for _, f := range fs {
			t.Errorf("%s: %s", text, f.Message)
		}
	}
}

// TestTables holds the tables of functions and methods against Prometheus's and Go's.
func TestTables(t *testing.T) {
	known := features{}
	template.RegisterFeatures(known)
	if got, want := slices.Sorted(maps.Keys(templateFunctions)), slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
		t.Errorf("the functions are %q, Prometheus's %q", got, want)
	}
	for typ, methods := range templateMethods {
		for i := range typ.NumMethod() {
			m := typ.Method(i)
			if f := methods[m.Name]; f == nil || reflect.TypeOf(f) != m.Type {
				t.Errorf("the method %s of %s is %T, want %s", m.Name, typ, f, m.Type)
			}
		}
		if len(methods) != typ.NumMethod() {
			t.Errorf("%s has %d methods, the table %d", typ, typ.NumMethod(), len(methods))
		}
	}
}

type features map[string]bool

func (f features) Enable(_, name string)           { f[name] = true }
func (f features) Disable(_, name string)          {}
func (f features) Set(_, name string, on bool)     { f[name] = on }
func (f features) Get() map[string]map[string]bool { return nil }

// TestFaultsOfRandomTemplates compares the verdict on templates that are made at random with Prometheus's, in both
// directions. Conditions are independent of each other, and the data try all of them.
func TestFaultsOfRandomTemplates(t *testing.T) {
	rounds, seed := 250, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("OBSGEN_TEMPLATES")); err == nil {
		rounds, seed = n, rand.Uint64()
	}
	g := &generator{r: rand.New(rand.NewPCG(seed, 0))}
	counts := map[bool]int{}
	for range rounds {
		text := g.template()
		fs, ok := predicted(text)
		if !ok {
			continue
		}
		data, errs := situations(text)
		switch {
		case len(errs) > 0 && len(fs) == 0:
			t.Errorf("seed %d: nothing is said of %s: %v", seed, text, errs[0])
		case len(errs) == 0 && len(fs) > 0 && len(data) == 0: // an error of the data hides what comes after it
			t.Errorf("seed %d: Prometheus expands %s, of which is said: %s", seed, text, fs[0].Message)
		}
		counts[len(errs) > 0]++
	}
	t.Logf("%d fail, %d are expanded", counts[true], counts[false])
	if counts[true] < rounds/10 || counts[false] < rounds/10 {
		t.Errorf("the templates show little: %v", counts)
	}
}

type generator struct {
	r     *rand.Rand
	conds []string
	vars  int
}

func (g *generator) one(of ...string) string { return of[g.r.IntN(len(of))] }

func (g *generator) template() string {
	g.conds, g.vars = []string{"$labels.c0", `(eq $labels.c1 "x")`, `(ne $labels.c2 "")`, `(eq "" $labels.c3)`}, 0
	var b strings.Builder
	for range 1 + g.r.IntN(3) {
		b.WriteString(g.node(2))
	}
	return b.String()
}

func (g *generator) cond() string {
	if len(g.conds) == 0 {
		return g.one("true", "false", "1", `""`, "0.0")
	}
	i := g.r.IntN(len(g.conds))
	c := g.conds[i]
	g.conds = slices.Delete(g.conds, i, i+1)
	return c
}

func (g *generator) node(depth int) string {
	if depth == 0 {
		return "{{ " + g.pipe(1) + " }}"
	}
	switch g.r.IntN(9) {
	case 0:
		return "{{ if " + g.cond() + " }}" + g.node(depth-1) + g.one("", "{{ else }}"+g.node(depth-1)) + "{{ end }}"
	case 1:
		return "{{ if " + g.one("and ", "or ") + g.cond() + " " + g.operand(1) + " }}x{{ end }}"
	case 2:
		return "{{ with " + g.one(`query "up"`, "$labels.job", "$labels", "1", `"a"`, ".") + " }}" + g.node(depth-1) + "{{ end }}"
	case 3:
		return "{{ range " + g.one("", "$k, $v := ", "$v := ") + g.one(`query "up"`, "$labels", "2", "$value", "$labels.job") + " }}" + g.node(depth-1) + g.one("", "{{ break }}", "{{ continue }}", "{{ $v.x }}", "{{ $k | toUpper }}") + "{{ end }}"
	case 4:
		return "{{ $x := " + g.pipe(1) + " }}{{ if " + g.cond() + " }}{{ $x = " + g.pipe(1) + " }}{{ end }}{{ $x | " + g.one(g.functions()...) + " }}"
	}
	return "{{ " + g.pipe(2) + " }}"
}

func (g *generator) functions() []string {
	return []string{
		"humanize", "humanizeDuration", "toUpper", "len", "print", "not", `eq "a"`, "eq 1", "eq 1.0", "gt 1.0", "lt 2", `reReplaceAll "a" "b"`, `match "a"`, `printf "%v"`, "first", "value", `label "job"`,
		"toTime", "toDuration", "title", "stripPort", `index $labels`, "slice $labels.job", "html", "query", `sortByLabel "job"`, "args", "safeHtml", "parseDuration", "humanizeTimestamp", "and true", "or false", "strvalue", "urlQueryEscape",
	}
}

func (g *generator) operand(depth int) string {
	if depth > 0 && g.r.IntN(3) == 0 {
		o := "(" + g.pipe(depth-1) + ")"
		return o + g.one("", "", ".Value", ".Labels", ".job", ".Format", ".Unix", ".arg0")
	}
	return g.one("$value", "$labels", "$labels.job", "$labels.job.x", ".Value", ".Labels.job", ".", "1", "1.5", `"a"`, "true", "nil", "$externalLabels.cluster", "$.Value", ".x", `$labels.n`, "now", "$labels.missing", "'a'", "2i")
}

func (g *generator) pipe(depth int) string {
	var b strings.Builder
	switch g.r.IntN(4) {
	case 0:
		b.WriteString(g.one("query", "len", "humanize", "toUpper", "print", "not", "args", "first", "value", "toTime", "toDuration", "title", "html") + " " + g.operand(depth))
	case 1:
		b.WriteString(g.one("eq", "ne", "lt", "le", "gt", "ge", "index", "and", "or", "label", "match", "sortByLabel", "slice") + " " + g.operand(depth) + " " + g.operand(depth))
	case 2:
		b.WriteString(g.one(`query "up"`, `query "up" | first`, `query "up" | first | value`, `$value | toTime`))
	default:
		b.WriteString(g.operand(depth))
	}
	for range g.r.IntN(3) {
		b.WriteString(" | " + g.one(g.functions()...))
	}
	return b.String()
}
