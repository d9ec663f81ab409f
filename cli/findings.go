package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/validate"
)

// docs document every finding that a command prints, sorted by id.
func (env *Env) docs() []diag.Doc {
	var own []diag.Doc
	for _, c := range env.Checks {
		own = append(own, c.Doc())
	}
	return diag.Merge(validate.Docs(), conform.Docs, own)
}

// doc returns the documentation of a finding, and what to say where there is none of that id.
func (env *Env) doc(id string) (diag.Doc, string) {
	var ids []string
	for _, d := range env.docs() {
		if d.ID == id {
			return d, ""
		}
		ids = append(ids, d.ID)
	}
	return diag.Doc{}, "there is no check " + id + DidYouMean(id, ids) + "; see obsgen explain"
}

// levels is what obsgen.yaml says of findings.
type levels struct {
	off        map[string]bool
	severities map[string]diag.Severity
	essential  map[string]bool // those of declarations that stay as they are
}

// levels reads lint.off and lint.severities.
func (env *Env) levels(c project.Config) (levels, error) {
	out := levels{off: map[string]bool{}, severities: map[string]diag.Severity{}, essential: map[string]bool{}}
	read := func(key, id string) (diag.Doc, error) {
		d, unknown := env.doc(id)
		if unknown != "" {
			return d, misuse("%s: %s", c.At("lint", key, id), unknown)
		}
		if d.Declared != nil && d.Declared.Essential != "" {
			out.essential[id] = true
		}
		return d, nil
	}
	for _, id := range slices.Sorted(maps.Keys(c.Lint.Off)) {
		d, err := read("off", id)
		if err != nil {
			return out, err
		}
		if strings.TrimSpace(c.Lint.Off[id]) == "" {
			return out, misuse("%s: check %s is switched off without a reason", c.At("lint", "off", id), id)
		}
		if d.Essential != "" {
			return out, misuse("%s: %s cannot be switched off: %s", c.At("lint", "off", id), id, d.Essential)
		}
		out.off[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(c.Lint.Severities)) {
		d, err := read("severities", id)
		if err != nil {
			return out, err
		}
		s, ok := severities[c.Lint.Severities[id]]
		if !ok {
			return out, misuse("%s: %s is no severity of %s; use info, warning or error", c.At("lint", "severities", id), c.Lint.Severities[id], id)
		}
		if d.Essential != "" && s < d.Severity {
			return out, misuse("%s: %s cannot be less than %s: %s", c.At("lint", "severities", id), id, d.Severity, d.Essential)
		}
		out.severities[id] = s
	}
	return out, nil
}

// declared returns findings of declarations as obsgen.yaml wants them.
func (s levels) declared(fs []diag.Finding) []diag.Finding {
	off, severities := maps.Clone(s.off), maps.Clone(s.severities)
	for id := range s.essential {
		delete(off, id)
		delete(severities, id)
	}
	return diag.Adjust(fs, off, severities)
}
