package cli

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/diff"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/source"
)

type diffFlags struct {
	format   string
	breaking bool
	readers  []string
	shims    string
	until    string
}

func newDiff(env *Env) *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Say what changed for those who read metrics, rules and dashboards",
		Long: `Diff compares two states: folders of dashboards and rules, or revisions of git, of which it reads the folder that build
writes. Without NEW the other state is what build would write now.

It says which metrics, labels, units, rules and panels are otherwise, whether an alert fires for more or for less, and what
breaks: each query that a change hits is named, also in the files of others that --readers names. Queries that are only
written differently are the same.

For metrics that were renamed --shims writes recording rules with the old names; they expire on the day of --until, of which
lint reminds.`,
		Example: "  obsgen diff HEAD\n  obsgen diff v1.2.0 HEAD --format markdown --breaking",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return misuse("diff takes the old state, a folder or a revision, and may take the new one")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return f.run(env, args) },
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "text, json or markdown")
	cmd.Flags().BoolVar(&f.breaking, "breaking", false, "exit 1 where anything breaks")
	cmd.Flags().StringSliceVar(&f.readers, "readers", nil, "files or folders of others who read the metrics")
	cmd.Flags().StringVar(&f.shims, "shims", "", "write recording rules that keep the old names of renamed metrics to this file")
	cmd.Flags().StringVar(&f.until, "until", "", "the day on which the shims expire: 2027-01-31")
	return cmd
}

var day = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)

func (f *diffFlags) run(env *Env, args []string) error {
	switch f.format {
	case "text", "json", "markdown":
	default:
		return misuse("--format is text, json or markdown, and not %q", f.format)
	}
	if f.shims != "" && !day.MatchString(f.until) {
		return misuse("--shims needs the day on which they expire: --until 2027-01-31")
	}
	config, err := env.configure()
	if err != nil {
		return err
	}
	out := config.Out
	if out == "" {
		out = "out"
	}
	before, err := env.side(args[0], out)
	if err != nil {
		return err
	}
	var after diff.Side
	if len(args) == 2 {
		after, err = env.side(args[1], out)
	} else {
		after, err = env.built()
	}
	if err != nil {
		return err
	}
	var others []*source.Document
	for _, path := range f.readers {
		docs, err := env.documents(path)
		if err != nil {
			return err
		}
		others = append(others, docs...)
	}
	if (before.Catalog == nil) != (after.Catalog == nil) {
		fmt.Fprintf(env.Stderr, "one side has no %s, which build writes: metrics are not compared\n", diff.CatalogFile)
	}
	result := diff.Compare(before, after, others)
	if f.shims != "" {
		text := result.Shims(f.until)
		if text == "" {
			fmt.Fprintln(env.Stderr, "no metric was renamed: there are no shims to write")
		} else if err := file.Write(env.path(f.shims), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the shims: %w", err)
		}
	}
	switch f.format {
	case "json":
		if result.Changes == nil {
			result.Changes = []diff.Change{}
		}
		err = WriteJSON(env.Stdout, result)
	case "markdown":
		err = result.Markdown(env.Stdout)
	default:
		err = result.Text(env.Stdout)
	}
	if err != nil {
		return err
	}
	if f.breaking && result.Breaking() {
		return &ExitError{Code: ExitFindings, Message: "something breaks"}
	}
	return nil
}

// path returns a path as seen from the working directory.
func (env *Env) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(env.Dir, p)
}

// side reads a state: a folder, else a revision, of which it reads the folder out.
func (env *Env) side(name, out string) (diff.Side, error) {
	if info, err := os.Stat(env.path(name)); err == nil && info.IsDir() {
		files, err := folder(env.path(name))
		if err != nil {
			return diff.Side{}, misuse("reading %s: %v", name, err)
		}
		return read(name, files)
	}
	files, err := env.revision(name, out)
	if err != nil {
		return diff.Side{}, err
	}
	return read(name, files)
}

func read(name string, files map[string][]byte) (diff.Side, error) {
	s, err := diff.Read(files)
	if err != nil {
		return s, misuse("%s: %v", name, err)
	}
	if len(s.Docs) == 0 && s.Catalog == nil {
		return s, misuse("%s has neither dashboards nor rules", name)
	}
	return s, nil
}

// folder returns the files below a folder that can be of interest, by their paths in it.
func folder(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name := e.Name(); path != dir && (strings.HasPrefix(name, ".") || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() || !interesting(path) {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = file.Read(path)
		return err
	})
	return files, err
}

func interesting(path string) bool {
	switch filepath.Ext(path) {
	case ".json", ".yaml", ".yml":
		return true
	}
	return filepath.Base(path) == "MANIFEST"
}

// revision returns the files of a folder as they are in a revision of git.
func (env *Env) revision(name, out string) (map[string][]byte, error) {
	if strings.HasPrefix(name, "-") {
		return nil, misuse("%q is neither a folder nor a revision", name)
	}
	git := func(args ...string) ([]byte, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir = env.Dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		data, err := cmd.Output()
		if errors.Is(err, exec.ErrNotFound) {
			return nil, misuse("%s is no folder, and there is no git to look for a revision", name)
		}
		if err != nil {
			return nil, errors.New(strings.TrimSpace(stderr.String()))
		}
		return data, nil
	}
	if _, err := git("rev-parse", "--verify", "--quiet", name+"^{commit}"); err != nil {
		return nil, misuse("%s is neither a folder nor a revision of git", name)
	}
	// The path is seen from where the command runs, also below the root of the repository.
	data, err := git("archive", "--format=tar", name, "--", out)
	if err != nil {
		return nil, misuse("revision %s has no folder %s: %v", name, out, err)
	}
	files := map[string][]byte{}
	in := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("revision %s: %w", name, err)
		}
		if h.Typeflag != tar.TypeReg || !interesting(h.Name) {
			continue
		}
		content, err := file.All(in, h.Name, file.Largest)
		if err != nil {
			return nil, fmt.Errorf("revision %s: %w", name, err)
		}
		files[strings.TrimPrefix(h.Name, filepath.ToSlash(filepath.Clean(out))+"/")] = content
	}
}

// built returns what build would write now.
func (env *Env) built() (diff.Side, error) {
	plans, _, err := env.plans(profileFlag{})
	if err != nil {
		return diff.Side{}, err
	}
	written, err := Render(plans)
	if err != nil {
		return diff.Side{}, err
	}
	files := map[string][]byte{"MANIFEST": nil}
	for _, f := range written {
		if interesting(f.Path) {
			files[f.Path] = f.Data
		}
	}
	return diff.Read(files)
}

// documents reads a file or all files below a folder.
func (env *Env) documents(name string) ([]*source.Document, error) {
	info, err := os.Stat(env.path(name))
	if err != nil {
		return nil, misuse("%v", err)
	}
	if !info.IsDir() {
		data, err := file.Read(env.path(name))
		if err != nil {
			return nil, misuse("%v", err)
		}
		return []*source.Document{source.Read(name, data)}, nil
	}
	files, err := folder(env.path(name))
	if err != nil {
		return nil, misuse("%v", err)
	}
	var out []*source.Document
	for _, p := range sortedNames(files) {
		if filepath.Base(p) != "MANIFEST" {
			out = append(out, source.Read(filepath.ToSlash(filepath.Join(name, p)), files[p]))
		}
	}
	return out, nil
}

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }
