// Package report writes findings in the forms that other programs read, and tells those that a team knows already from
// fresh ones.
package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

// writers are the forms of a report, by name.
var writers = map[string]func(io.Writer, []diag.Finding, Tool) error{
	"json": writeJSON, "sarif": writeSARIF, "github": writeGitHub, "checkstyle": writeCheckstyle, "junit": writeJUnit,
}

// Tool is what reports say of the program that wrote them.
type Tool struct {
	Name, Version, URL string
	// Docs document the findings, for forms that explain them.
	Docs []diag.Doc
}

// Formats returns the names of the forms, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(writers)) }

// Write writes findings in a form of Formats.
func Write(w io.Writer, format string, fs []diag.Finding, t Tool) error {
	f, ok := writers[format]
	if !ok {
		return fmt.Errorf("there is no format %s; there are %s", format, strings.Join(Formats(), ", "))
	}
	return f(w, fs, t)
}

// Fingerprints returns an id for each finding that stays when lines move: of its check, file, subject and message.
// Those that are equal in all of these are counted, in their order.
func Fingerprints(fs []diag.Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(fs))
	for i, f := range fs {
		sum := sha256.Sum256([]byte(strings.Join([]string{f.ID, f.At.File, f.Subject, f.Message}, "\x00")))
		id := hex.EncodeToString(sum[:8])
		seen[id]++
		if n := seen[id]; n > 1 {
			id = fmt.Sprintf("%s-%d", id, n)
		}
		out[i] = id
	}
	return out
}

// text is all that a finding says, in lines.
func text(f diag.Finding) string {
	parts := []string{f.Message}
	if f.Why != "" {
		parts = append(parts, f.Why)
	}
	if f.Mend != "" {
		parts = append(parts, "mend: "+f.Mend)
	}
	return strings.Join(parts, "\n")
}

// encode writes indented JSON with a final line break, without escapes for HTML.
func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func writeJSON(w io.Writer, fs []diag.Finding, _ Tool) error {
	type finding struct {
		diag.Finding
		Fingerprint string `json:"fingerprint"`
	}
	out := make([]finding, len(fs))
	for i, id := range Fingerprints(fs) {
		out[i] = finding{fs[i], id}
	}
	return encode(w, out)
}

// The parts of SARIF 2.1.0 that are written, see https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
type (
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage `json:"message,omitempty"`
	}
	sarifRule struct {
		ID            string            `json:"id"`
		Short         sarifMessage      `json:"shortDescription"`
		Full          sarifMessage      `json:"fullDescription"`
		HelpURI       string            `json:"helpUri,omitempty"`
		Configuration map[string]string `json:"defaultConfiguration"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
)

var sarifLevel = map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "note"}

func sarifAt(p diag.Position) sarifLocation {
	var l sarifLocation
	l.Physical.Artifact.URI = (&url.URL{Path: p.File}).EscapedPath()
	if !path.IsAbs(p.File) {
		l.Physical.Artifact.URIBaseID = "%SRCROOT%"
	}
	if p.Line > 0 {
		l.Physical.Region = &sarifRegion{p.Line, p.Col, p.EndCol}
	}
	return l
}

// writeSARIF writes what code scanning reads. Columns are counted in bytes, which for text that is not ASCII is more
// than SARIF's characters: a mark may then lie a little to the right.
func writeSARIF(w io.Writer, fs []diag.Finding, t Tool) error {
	rules, index := []sarifRule{}, map[string]int{}
	results := []sarifResult{}
	for i, id := range Fingerprints(fs) {
		f := fs[i]
		if _, ok := index[f.ID]; !ok {
			index[f.ID] = len(rules)
			r := sarifRule{ID: f.ID, Short: sarifMessage{f.ID}, Full: sarifMessage{f.ID}, Configuration: map[string]string{"level": sarifLevel[f.Severity]}}
			if i := slices.IndexFunc(t.Docs, func(d diag.Doc) bool { return d.ID == f.ID }); i >= 0 {
				d := t.Docs[i]
				r.Short.Text, r.Full.Text, r.HelpURI = d.Title, d.Why, d.Source
				r.Configuration["level"] = sarifLevel[d.Severity]
			}
			rules = append(rules, r)
		}
		r := sarifResult{
			RuleID: f.ID, RuleIndex: index[f.ID], Level: sarifLevel[f.Severity], Message: sarifMessage{text(f)},
			Locations: []sarifLocation{sarifAt(f.At)}, Fingerprints: map[string]string{"obsgenFinding/v1": id},
		}
		for n, x := range f.Related {
			l := sarifAt(x.At)
			l.ID, l.Message = n+1, &sarifMessage{x.Message}
			r.Related = append(r.Related, l)
		}
		results = append(results, r)
	}
	return encode(w, map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":    map[string]any{"driver": map[string]any{"name": t.Name, "version": t.Version, "informationUri": t.URL, "rules": rules}},
			"results": results,
		}},
	})
}

var (
	workflowData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	workflowProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes the commands by which a GitHub workflow marks lines of a change.
func writeGitHub(w io.Writer, fs []diag.Finding, _ Tool) error {
	command := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "notice"}
	for _, f := range fs {
		properties := []string{"file=" + workflowProperty.Replace(f.At.File)}
		for _, n := range []struct {
			name  string
			value int
		}{{"line", f.At.Line}, {"col", f.At.Col}, {"endColumn", f.At.EndCol}} {
			if n.value > 0 {
				properties = append(properties, fmt.Sprintf("%s=%d", n.name, n.value))
			}
		}
		properties = append(properties, "title="+workflowProperty.Replace(f.ID))
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", command[f.Severity], strings.Join(properties, ","), workflowData.Replace(text(f))); err != nil {
			return err
		}
	}
	return nil
}

// byFile returns the findings of each file, and the files sorted.
func byFile(fs []diag.Finding) ([]string, map[string][]diag.Finding) {
	out := map[string][]diag.Finding{}
	for _, f := range fs {
		out[f.At.File] = append(out[f.At.File], f)
	}
	return slices.Sorted(maps.Keys(out)), out
}

func encodeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func writeCheckstyle(w io.Writer, fs []diag.Finding, _ Tool) error {
	type finding struct {
		Line     int    `xml:"line,attr"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"`
	}
	type file struct {
		Name   string    `xml:"name,attr"`
		Errors []finding `xml:"error"`
	}
	var out struct {
		XMLName xml.Name `xml:"checkstyle"`
		Version string   `xml:"version,attr"`
		Files   []file   `xml:"file"`
	}
	out.Version = "4.3"
	names, of := byFile(fs)
	for _, name := range names {
		x := file{Name: name}
		for _, f := range of[name] {
			x.Errors = append(x.Errors, finding{f.At.Line, f.At.Col, f.Severity.String(), text(f), "obsgen." + strings.ReplaceAll(f.ID, "/", ".")})
		}
		out.Files = append(out.Files, x)
	}
	return encodeXML(w, out)
}

// writeJUnit writes a suite for each file, in which an error or warning is a failed case and an info a passed one.
func writeJUnit(w io.Writer, fs []diag.Finding, t Tool) error {
	type failure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Failure *failure `xml:"failure,omitempty"`
		Output  string   `xml:"system-out,omitempty"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	var out struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		Suites  []suite  `xml:"testsuite"`
	}
	out.Name = t.Name
	names, of := byFile(fs)
	for _, name := range names {
		s := suite{Name: name}
		for _, f := range of[name] {
			c := testcase{Name: fmt.Sprintf("%s at %d:%d", f.ID, f.At.Line, f.At.Col), Class: name}
			if f.Severity >= diag.Warning {
				c.Failure = &failure{f.Severity.String(), f.Message, f.At.String() + "\n" + text(f)}
				s.Failures++
			} else {
				c.Output = text(f)
			}
			s.Cases = append(s.Cases, c)
		}
		s.Tests = len(s.Cases)
		out.Suites = append(out.Suites, s)
	}
	return encodeXML(w, out)
}
