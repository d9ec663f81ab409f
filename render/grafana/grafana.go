// Package grafana writes the dashboards of a plan in Grafana's classic JSON model, and the files by which
// Grafana 10 to 13 provisions them and their data source.
//
// There is no promise of compatibility before 1.0.
package grafana

//lint:file-ignore SA1019 the classic dashboard is the form that Grafana 10 to 13 all import and provision

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
)

// Render returns grafana/dashboards/<folder>/<uid>.json for every dashboard, and the provisioning of the
// folders and the data source.
func Render(p *plan.Plan) ([]tree.File, error) {
	folders, err := foldersOf(p)
	if err != nil {
		return nil, err
	}
	var files []tree.File
	for _, b := range p.Boards {
		d, err := board(p, b)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
		}
		data, err := encode(d)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.UID, err)
		}
		files = append(files, tree.File{Path: path.Join("grafana/dashboards", slug(b.Folder), b.UID+".json"), Data: data})
	}
	provisioning, err := provision(p, folders)
	if err != nil {
		return nil, err
	}
	return append(files, provisioning...), nil
}

// foldersOf returns the titles of the dashboards' folders, in order. Two titles that would share a directory
// are an error: Grafana would show the dashboards of both in each.
func foldersOf(p *plan.Plan) ([]string, error) {
	var titles []string
	bySlug := map[string]string{}
	for _, b := range p.Boards {
		s := slug(b.Folder)
		first, ok := bySlug[s]
		switch {
		case !ok:
			bySlug[s] = b.Folder
			titles = append(titles, b.Folder)
		case first != b.Folder:
			return nil, fmt.Errorf("the folders %q and %q would both be the directory %s; rename one of them", first, b.Folder, s)
		}
	}
	return titles, nil
}

// slug returns the directory of a folder: its letters and digits in lower case, with - between words.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "general" // as Grafana calls the place of dashboards without a folder
	}
	return strings.Join(words, "-")
}

// FolderUID returns the uid of a folder, where it has to be told: at most 40 letters, digits and -.
func FolderUID(title string) string {
	s := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '-'
		}
		return r
	}, slug(title))
	return strings.Trim(s[:min(len(s), 40)], "-")
}

// encode returns indented JSON.
func encode(d dashboard.Dashboard) ([]byte, error) {
	compact, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, unescapeHTML(compact), "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// htmlEscapes are what encoding/json writes for characters that matter in HTML. An encoder told not to does so
// all the same inside types that marshal themselves, as most of the SDK's do.
var htmlEscapes = []struct {
	escape string
	char   byte
}{{`\u003c`, '<'}, {`\u003e`, '>'}, {`\u0026`, '&'}}

func unescapeHTML(in []byte) []byte {
	out := make([]byte, 0, len(in))
next:
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' {
			out = append(out, in[i])
			continue
		}
		for _, e := range htmlEscapes {
			if bytes.HasPrefix(in[i:], []byte(e.escape)) {
				out = append(out, e.char)
				i += len(e.escape) - 1
				continue next
			}
		}
		out = append(out, in[i], in[i+1]) // JSON has no backslash at its end
		i++
	}
	return out
}
