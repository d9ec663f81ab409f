package report

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
)

// Baseline is the findings that a team knows of, so that it hears of fresh ones only.
type Baseline struct{ known map[string]bool }

// entry is a finding in a baseline's file; only the fingerprint counts, the rest is for people.
type entry struct {
	Fingerprint string `json:"fingerprint"`
	ID          string `json:"id"`
	File        string `json:"file"`
	Message     string `json:"message"`
}

// ReadBaseline reads a file that WriteBaseline wrote. Its errors name the file, and the byte that cannot be read.
func ReadBaseline(path string) (Baseline, error) {
	data, err := file.Read(path)
	if err != nil {
		return Baseline{}, fmt.Errorf("reading the baseline: %w", err)
	}
	b, err := parseBaseline(data)
	if err != nil {
		return Baseline{}, fmt.Errorf("%s is no baseline of obsgen lint: %w", path, err)
	}
	return b, nil
}

func parseBaseline(data []byte) (Baseline, error) {
	var entries []entry
	if err := json.Unmarshal(data, &entries); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return Baseline{}, fmt.Errorf("at byte %d: %w", syntax.Offset, err)
		}
		return Baseline{}, err
	}
	b := Baseline{known: map[string]bool{}}
	for i, e := range entries {
		if e.Fingerprint == "" {
			return Baseline{}, fmt.Errorf("entry %d has no fingerprint", i+1)
		}
		b.known[e.Fingerprint] = true
	}
	return b, nil
}

// Filter returns the findings that the baseline does not have, how many it has, and how many of its own are gone.
func (b Baseline) Filter(fs []diag.Finding) (fresh []diag.Finding, known, gone int) {
	met := map[string]bool{}
	for i, id := range Fingerprints(fs) {
		if b.known[id] {
			met[id] = true
			known++
			continue
		}
		fresh = append(fresh, fs[i])
	}
	return fresh, known, len(b.known) - len(met)
}

// WriteBaseline writes the findings as known ones, whole or not at all.
func WriteBaseline(path string, fs []diag.Finding) error {
	entries := []entry{}
	for i, id := range Fingerprints(fs) {
		f := fs[i]
		entries = append(entries, entry{id, f.ID, f.At.File, f.Message})
	}
	data, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		return err
	}
	return file.Write(path, append(data, '\n'), 0o644)
}
