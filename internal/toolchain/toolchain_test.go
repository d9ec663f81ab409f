package toolchain

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// hello is a tool that compiles in no time.
var hello = tool{name: "hello", program: "./hello", flags: []string{"-tags=loud"}}

// workshop is a root with a tools module that holds hello.
func workshop(t *testing.T) string {
	root := t.TempDir()
	write(t, root, "tools/go.mod", "module example.org/tools\n\ngo 1.26\n")
	write(t, root, "tools/hello/main.go", "package main\n\nfunc main() { println(word) }\n")
	write(t, root, "tools/hello/loud.go", "//go:build loud\n\npackage main\n\nconst word = \"HELLO\"\n")
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBuildsOnceForAll(t *testing.T) {
	root := workshop(t)
	var built atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			switch fresh, err := build(t.Context(), root, hello); {
			case err != nil:
				t.Error(err)
			case fresh:
				built.Add(1)
			}
		})
	}
	all.Wait()
	if n := built.Load(); n != 1 {
		t.Errorf("built %d times, want 1", n)
	}
	out, err := exec.Command(hello.path(root)).CombinedOutput()
	if err != nil || string(out) != "HELLO\n" {
		t.Errorf("hello says %q, %v: its tag did not reach go build", out, err)
	}
}

func TestRebuildsWhen(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, root string, tl *tool){
		"go.mod changes": func(t *testing.T, root string, _ *tool) {
			write(t, root, "tools/go.mod", "module example.org/tools\n\ngo 1.25\n")
		},
		"go.sum changes": func(t *testing.T, root string, _ *tool) {
			write(t, root, "tools/go.sum", "\n")
		},
		"the flags change": func(_ *testing.T, _ string, tl *tool) {
			tl.flags = []string{"-tags=loud,other"}
		},
		"the program is gone": func(t *testing.T, root string, tl *tool) {
			if err := os.Remove(tl.path(root)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			root, tl := workshop(t), hello
			for step, want := range []bool{true, false, true, false} {
				if step == 2 {
					change(t, root, &tl)
				}
				if built, err := build(t.Context(), root, tl); err != nil || built != want {
					t.Fatalf("step %d: built %v, %v; want %v", step, built, err, want)
				}
			}
		})
	}
}

func TestFailedBuildIsNotTakenForDone(t *testing.T) {
	root := workshop(t)
	if _, err := build(t.Context(), root, hello); err != nil {
		t.Fatal(err)
	}
	write(t, root, "tools/go.sum", "\n")
	write(t, root, "tools/hello/loud.go", "//go:build loud\n\npackage main\n\nconst word = 1 +\n")
	for range 2 {
		_, err := build(t.Context(), root, hello)
		if err == nil || !strings.Contains(err.Error(), "build hello: ") || !strings.Contains(err.Error(), "loud.go:6") {
			t.Fatalf("error %v names neither the tool nor the compiler's line", err)
		}
	}
}

// tb stands in for the test that asks for a tool.
type tb struct {
	testing.TB
	fatal string
}

func (t *tb) Helper() {}

func (t *tb) Fatal(args ...any) {
	t.fatal = fmt.Sprint(args...)
	panic(t) // ends the call, as FailNow would
}

func TestFailsTheTest(t *testing.T) {
	root := workshop(t)
	t.Chdir(filepath.Join(root, "tools", "hello"))
	asking := &tb{TB: t}
	func() {
		defer func() { _ = recover() }()
		forTest(asking, tool{name: "absent", program: "./absent"})
	}()
	if !strings.Contains(asking.fatal, "build absent: ") {
		t.Errorf("the test that asked was told %q", asking.fatal)
	}
}

func TestPinnedTools(t *testing.T) {
	pins, err := os.ReadFile("../../tools/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, tl := range []struct{ path, module string }{
		{Promtool(t), "github.com/prometheus/prometheus"},
		{Staticcheck(t), "honnef.co/go/tools"},
	} {
		pin := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(tl.module) + ` (v\S+)`).FindSubmatch(pins)
		if pin == nil {
			t.Fatalf("tools/go.mod does not pin %s", tl.module)
		}
		info, err := exec.Command("go", "version", "-m", tl.path).Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("\tmod\t%s\t%s\t", tl.module, pin[1]); !strings.Contains(string(info), want) {
			t.Errorf("%s is not of %s %s:\n%.300s", tl.path, tl.module, pin[1], info)
		}
		if out, err := exec.Command(tl.path, "--help").CombinedOutput(); err != nil {
			t.Errorf("%s --help: %v\n%s", filepath.Base(tl.path), err, out)
		}
	}
}

func TestBuildByName(t *testing.T) {
	var log strings.Builder
	if err := Build(t.Context(), &log, "staticcheck"); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !regexp.MustCompile(`^tools/bin/staticcheck: (built|up to date)\n$`).MatchString(got) {
		t.Errorf("logged %q", got)
	}
	if err := Build(t.Context(), &log, "staticchek"); err == nil || !strings.Contains(err.Error(), `"staticchek"`) {
		t.Errorf("error %v for a tool that is not there", err)
	}
}
