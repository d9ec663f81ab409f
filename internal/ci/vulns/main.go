// Command vulns looks for known vulnerabilities in the project's programs, without asking a server: the database is a module of Go.
// It fails for one that a program calls, but only tells of those of the standard library: they are the toolchain's, which is the
// machine's.
//
// Usage: vulns GOVULNCHECK PACKAGE...
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// database is the Go vulnerability database, as it was at the time in its version.
const database = "golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018"

func main() {
	bad, err := run(os.Stdout, os.Args[1], os.Args[2:])
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "vulns:", err)
		os.Exit(2)
	case bad > 0:
		fmt.Printf("%d called vulnerabilities; update the modules that have them\n", bad)
		os.Exit(1)
	}
}

func run(w io.Writer, govulncheck string, packages []string) (bad int, err error) {
	out, err := command("go", "mod", "download", "-json", database)
	if err != nil {
		return 0, err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return 0, err
	}
	scratch, err := os.MkdirTemp("", "obsgen-vulns")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	all := map[string]*vulnerability{}
	for _, p := range packages {
		program := filepath.Join(scratch, filepath.Base(p))
		if _, err := command("go", "build", "-o", program, p); err != nil {
			return 0, err
		}
		// A folder of entries is a database, too.
		out, err := command(govulncheck, "-db", "file://"+filepath.ToSlash(filepath.Join(module.Dir, "data", "osv")), "-mode", "binary", "-format", "json", program)
		if err != nil {
			return 0, err
		}
		if err := read(out, filepath.Base(p), all); err != nil {
			return 0, fmt.Errorf("reading what govulncheck says of %s: %w", p, err)
		}
	}
	return report(w, all), nil
}

func command(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}

// vulnerability is one that programs call.
type vulnerability struct {
	id, summary, module, version, fixed string
	programs                            []string
}

// read adds the vulnerabilities that a program calls to all; govulncheck tells of others, too, that are only linked.
func read(out []byte, program string, all map[string]*vulnerability) error {
	summaries, said := map[string]string{}, false
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			Config *struct{}
			OSV    *struct{ ID, Summary string }
			// Finding is of one symbol; its trace begins there.
			Finding *struct {
				OSV          string
				FixedVersion string `json:"fixed_version"`
				Trace        []struct{ Module, Version, Function string }
			}
		}
		switch err := dec.Decode(&m); {
		case errors.Is(err, io.EOF) && !said:
			return errors.New("it says nothing")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		said = said || m.Config != nil
		if m.OSV != nil {
			summaries[m.OSV.ID] = m.OSV.Summary
		}
		f := m.Finding
		if f == nil || len(f.Trace) == 0 || f.Trace[0].Function == "" {
			continue
		}
		v := all[f.OSV]
		if v == nil {
			v = &vulnerability{f.OSV, summaries[f.OSV], f.Trace[0].Module, f.Trace[0].Version, f.FixedVersion, nil}
			all[f.OSV] = v
		}
		if !slices.Contains(v.programs, program) {
			v.programs = append(v.programs, program)
		}
	}
}

// report writes a line about each vulnerability, and returns how many are not of the standard library.
func report(w io.Writer, all map[string]*vulnerability) (bad int) {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		v := all[id]
		kind := "notice"
		if v.module != "stdlib" {
			kind = "called"
			bad++
		}
		fixed := "not fixed yet"
		if v.fixed != "" {
			fixed = "fixed in " + v.fixed
		}
		fmt.Fprintf(w, "%s: %s in %s %s (%s), %s: %s\n", kind, v.id, v.module, v.version, strings.Join(v.programs, ", "), fixed, v.summary)
	}
	return bad
}
