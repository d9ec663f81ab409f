package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/rules"
)

// scratch makes a folder for what is handed to the other program. The function that it returns removes it, and sets the error
// where that fails and there is none yet.
func scratch() (dir string, done func(*error), err error) {
	dir, err = os.MkdirTemp("", "obsgen-")
	if err != nil {
		return "", nil, misuse("%v", err)
	}
	return dir, func(err *error) {
		if e := os.RemoveAll(dir); *err == nil && e != nil {
			*err = misuse("%v", e)
		}
	}, nil
}

// ruleFilesOf returns a plan's files of rules by their names.
func ruleFilesOf(p *plan.Plan) (map[string][]byte, error) {
	files, err := renderOnly(p, project.Prometheus)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, file := range files {
		if strings.Contains(file.Path, "/rules/") {
			out[path.Base(file.Path)] = file.Data
		}
	}
	return out, nil
}

// handRules writes a plan's files of rules below a folder, into rules, and returns that.
func handRules(dir string, p *plan.Plan) (string, error) {
	files, err := ruleFilesOf(p)
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, RulesFolder)
	if err := os.MkdirAll(at, 0o755); err != nil {
		return "", misuse("%v", err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(at, name), data, 0o600); err != nil {
			return "", misuse("%v", err)
		}
	}
	return at, nil
}

// handedOf is what the other program needs to know of a plan; own says that the rules are the plan's.
func handedOf(p *plan.Plan, own bool) Handed {
	h := Handed{Series: seriesOf(p.Catalog), Scenarios: p.ScenarioData(), Features: p.Profile.Features}
	if !own {
		return h
	}
	h.Expects, h.NoProof, h.Sites = map[string][]rules.Situation{}, map[string]string{}, map[string]string{}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				h.Expects[r.Alert.Name] = r.Alert.Expects
				if r.Alert.NoProof != "" {
					h.NoProof[r.Alert.Name] = r.Alert.NoProof
				}
			}
			if file, line := r.Site.Order(); file != "" {
				h.Sites[proofs.SiteKey(g.Name, r.Name())] = fmt.Sprintf("%s:%d", file, line)
			}
		}
	}
	return h
}

// hand writes what the other program is told into a folder, and returns the file.
func hand(dir string, h Handed) (string, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, ProjectFile)
	if err := os.WriteFile(at, data, 0o600); err != nil {
		return "", misuse("%v", err)
	}
	return at, nil
}

// handOver writes what the other program needs to know of a plan, and its rules where no others are named, and returns the flags
// that say where; those that name others are the user's own. The function that it returns removes the files.
func handOver(p *plan.Plan, h Handed, others []string) (flags []string, done func(*error), err error) {
	dir, done, err := scratch()
	if err != nil {
		return nil, nil, err
	}
	at, err := hand(dir, h)
	flags = []string{"--project=" + at}
	if err == nil && len(others) == 0 {
		var rules string
		rules, err = handRules(dir, p)
		flags = append(flags, "--rules="+rules)
	}
	if err != nil {
		done(&err)
		return nil, nil, err
	}
	return flags, done, nil
}

// formsOf returns the present form of each alert of a plan.
func formsOf(p *plan.Plan) (map[proofs.Key]proofs.Form, error) {
	files, err := ruleFilesOf(p)
	if err != nil {
		return nil, err
	}
	series := seriesOf(p.Catalog)
	return proofs.Forms(files, p.Profile.Features, func(name string) any { return series[name] })
}

// testsOf returns the tests of a plan's alerts that were proved in their present form, and the names of those that were not.
func testsOf(p *plan.Plan, kept map[string]proofs.Proof) (files []tree.File, missing []string, err error) {
	forms, err := formsOf(p)
	if err != nil {
		return nil, nil, err
	}
	excepted := map[string]bool{}
	for _, r := range p.Alerts() {
		excepted[r.Alert.Name] = r.Alert.NoProof != ""
	}
	for _, form := range forms {
		proof, ok := kept[form.Digest]
		if !ok {
			if !excepted[form.Alert] {
				missing = append(missing, form.Alert)
			}
			continue
		}
		files = append(files, tree.File{Path: "prometheus/tests/" + form.Alert + "_test.yaml", Data: []byte(proof.Test)})
	}
	return files, missing, nil
}
