// Package toolchain builds the programs of others that tests and linting run, at the versions that
// tools/go.mod pins, into tools/bin, and says where they are.
package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// tool is a program of another project, built from the module in tools/.
type tool struct {
	name    string   // of the file in tools/bin, such as promtool
	program string   // its package
	flags   []string // of go build
	// prepare makes the folder where the build takes place, below scratch; nil: that of the module in tools/.
	prepare func(ctx context.Context, tools, scratch string) (dir string, err error)
}

// Only here does it say how each tool is built; the tests, the Makefile and CI all come through here.
var (
	promtool = tool{
		name:    "promtool",
		program: "github.com/prometheus/prometheus/cmd/promtool",
		// Service discovery is 240 packages of cloud SDKs that checking rules never touches.
		flags: []string{"-tags=remove_all_sd"},
	}
	staticcheck = tool{name: "staticcheck", program: "honnef.co/go/tools/cmd/staticcheck"}
	benchstat   = tool{name: "benchstat", program: "golang.org/x/perf/cmd/benchstat"}
	govulncheck = tool{name: "govulncheck", program: "golang.org/x/vuln/cmd/govulncheck"}
	consumers   = tool{name: "consumers", program: "./consumers"}
	// prometheus is without its pages, which are no part of the module, and without service discovery.
	prometheus   = tool{name: "prometheus", program: "github.com/prometheus/prometheus/cmd/prometheus", flags: []string{"-tags=remove_all_sd"}}
	alertmanager = tool{name: "alertmanager", program: "./cmd/alertmanager", prepare: withPage}
	// controllerGen writes the custom resource definitions of a module of Go types.
	controllerGen = tool{name: "controller-gen", program: "sigs.k8s.io/controller-tools/cmd/controller-gen"}
)

// Promtool returns the path of promtool, which it builds on first use. It fails the test where that
// is impossible.
func Promtool(t testing.TB) string {
	t.Helper()
	return forTest(t, promtool)
}

// Staticcheck returns the path of staticcheck, which it builds on first use. It fails the test where
// that is impossible.
func Staticcheck(t testing.TB) string {
	t.Helper()
	return forTest(t, staticcheck)
}

// Consumers returns the path of the program that runs the code of those who read what obsgen writes. It fails the test
// where it cannot be built.
func Consumers(t testing.TB) string {
	t.Helper()
	return forTest(t, consumers)
}

// Prometheus returns the path of the server of that name. It fails the test where it cannot be built.
func Prometheus(t testing.TB) string {
	t.Helper()
	return forTest(t, prometheus)
}

// Alertmanager returns the path of the server of that name. It fails the test where it cannot be built.
func Alertmanager(t testing.TB) string {
	t.Helper()
	return forTest(t, alertmanager)
}

// ControllerGen returns the path of controller-gen. It fails the test where it cannot be built.
func ControllerGen(t testing.TB) string {
	t.Helper()
	return forTest(t, controllerGen)
}

func forTest(t testing.TB, tl tool) string {
	t.Helper()
	root, err := ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := build(t.Context(), root, tl); err != nil {
		t.Fatal(err)
	}
	return tl.path(root)
}

// Build builds the tools of the given names, or all, as far as they are missing or older than their
// pins, and writes a line about each to log.
func Build(ctx context.Context, log io.Writer, names ...string) error {
	all := []tool{staticcheck, benchstat, govulncheck, promtool, consumers, controllerGen, prometheus, alertmanager}
	wanted := all
	if len(names) > 0 {
		wanted = nil
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(tl tool) bool { return tl.name == name })
		if i < 0 {
			return fmt.Errorf("no tool is called %q", name)
		}
		wanted = append(wanted, all[i])
	}
	root, err := ModuleRoot()
	if err != nil {
		return err
	}
	for _, tl := range wanted {
		built, err := build(ctx, root, tl)
		if err != nil {
			return err
		}
		state := "up to date"
		if built {
			state = "built"
		}
		fmt.Fprintf(log, "tools/bin/%s: %s\n", tl.name, state)
	}
	return nil
}

// ModuleRoot returns the folder at or above the working directory that holds tools/go.mod.
// ModuleRoot returns the root of the module: the directory at or above the current one that has tools/go.mod.
func ModuleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "tools", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no tools/go.mod at or above %s", start)
		}
	}
}

// path returns where the tool lies below the root of the module.
func (tl tool) path(root string) string {
	name := tl.name
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(root, "tools", "bin", name)
}

// build makes sure that the tool is there as pinned, and reports whether it had to be built. Test
// packages run at once, so whoever comes first builds under a lock, and the others wait.
func build(ctx context.Context, root string, tl tool) (built bool, err error) {
	tools, bin := filepath.Join(root, "tools"), tl.path(root)
	if err := os.MkdirAll(filepath.Dir(bin), 0o755); err != nil {
		return false, err
	}
	unlock, err := lockedfile.MutexAt(bin + ".lock").Lock()
	if err != nil {
		return false, err
	}
	defer unlock()

	args := append([]string{"build", "-o", bin}, tl.flags...)
	args = append(args, tl.program)
	sources := []string{"go.mod", "go.sum"}
	if strings.HasPrefix(tl.program, "./") && tl.prepare == nil { // a program of this repository
		own, err := filepath.Glob(filepath.Join(tools, tl.program, "*.go"))
		if err != nil {
			return false, err
		}
		for _, path := range own {
			sources = append(sources, filepath.Join(tl.program, filepath.Base(path)))
		}
	}
	want, err := digest(tools, args, sources)
	if err != nil {
		return false, err
	}
	stamp := bin + ".stamp"
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		if _, err := os.Stat(bin); err == nil {
			return false, nil
		}
	}
	// A build that is interrupted must not leave the stamp of an older one beside half a program.
	if err := os.Remove(stamp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	dir := tools
	if tl.prepare != nil {
		scratch, err := os.MkdirTemp("", "obsgen-"+tl.name)
		if err != nil {
			return false, err
		}
		defer func() { _ = os.RemoveAll(scratch) }() // it is nobody's any more
		if dir, err = tl.prepare(ctx, tools, scratch); err != nil {
			return false, fmt.Errorf("prepare %s: %w", tl.name, err)
		}
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// A workspace around this checkout does not list the module in tools/, and go build would refuse.
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return false, fmt.Errorf("build %s: %w\n%s", tl.name, err, out)
	}
	return true, os.WriteFile(stamp, []byte(want), 0o644)
}

// withPage copies Alertmanager's module, at the version that tools/ pins, and puts a page into it: its own pages are built at
// release and are no part of the module, and the program embeds them. It is built with the module's own pins.
func withPage(ctx context.Context, tools, scratch string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", "github.com/prometheus/alertmanager")
	cmd.Dir, cmd.Env = tools, append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
	var at struct{ Dir string }
	if err := json.Unmarshal(out, &at); err != nil {
		return "", err
	}
	dir := filepath.Join(scratch, "source")
	if err := os.CopyFS(dir, os.DirFS(at.Dir)); err != nil {
		return "", err
	}
	page := filepath.Join(dir, "ui", "app", "dist", "index.html")
	if err := os.MkdirAll(filepath.Dir(page), 0o755); err != nil {
		return "", err
	}
	return dir, os.WriteFile(page, []byte("<title>Alertmanager</title>\n"), 0o644)
}

// digest stands for all that decides what a build yields: the pins and sources, the command and the compiler.
func digest(tools string, args, sources []string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s/%s %q\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, args)
	for _, name := range sources {
		data, err := os.ReadFile(filepath.Join(tools, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a module without dependencies has no go.sum
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(data), data)
	}
	return fmt.Sprintf("%x\n", h.Sum(nil)), nil
}
