//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests of this file kill processes that write a tree. Such a process is this test binary, told by its environment
// what to write.
const (
	childDir   = "OBSGEN_TREE_TEST_DIR"
	childTree  = "OBSGEN_TREE_TEST_TREE" // "<name>:<generation>" of trees
	childStep  = "OBSGEN_TREE_TEST_STEP" // kill yourself before this change to the disk
	childForce = "OBSGEN_TREE_TEST_FORCE"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

func child(dir string) {
	name, generation, _ := strings.Cut(os.Getenv(childTree), ":")
	g, err := strconv.Atoi(generation)
	if err != nil || trees[name] == nil {
		fmt.Fprintln(os.Stderr, "no such tree:", os.Getenv(childTree))
		os.Exit(2)
	}
	files := trees[name](g)
	step := func(op, path string) {}
	if s := os.Getenv(childStep); s != "" {
		left, _ := strconv.Atoi(s)
		step = func(op, path string) {
			if left--; left < 0 {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	}
	fmt.Println("begin")
	if _, err := write(dir, files, Options{Force: os.Getenv(childForce) != ""}, step); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// trees are what the children write, each in several generations.
var trees = map[string]func(generation int) []File{
	// Small, and every kind of change from one generation to the next.
	"small": func(generation int) []File {
		return []layout{
			{"same": "s", "changed/a": "1", "changed/b": "1", "gone/deep/x": "1", "turns": "file", "flips/x": "1", "flips/y/z": "1"},
			{"same": "s", "changed/a": "2", "changed/b": "22", "new/deep/x": "2", "turns/x/y": "2", "turns/z": "2", "flips": "file"},
			{"same": "s", "changed/a": "3", "changed/new/b": "3", "gone/deep/x": "1", "turns": "file", "flips": "another"},
		}[generation].files()
	},
	// Several hundred files, most of which differ from one generation to the next.
	"large": func(generation int) []File {
		var files []File
		for i := range 300 {
			if (i+generation)%10 == 0 {
				continue // not in this generation
			}
			content := fmt.Sprintf("file %d of generation %d\n", i, generation)
			if i%17 == 0 {
				content = fmt.Sprintf("file %d of all generations\n", i)
			}
			files = append(files, File{fmt.Sprintf("d%02d/f%03d", i/20, i), []byte(strings.Repeat(content, 1+i%50))})
		}
		return append(files, File{[]string{"swap", "swap/x", "swap/x/y"}[generation], []byte("swap")})
	},
}

func startChild(t *testing.T, dir, tree string, generation int, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childTree+"="+fmt.Sprintf("%s:%d", tree, generation))
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = new(strings.Builder)
	return cmd
}

// killed reports whether a child was killed; if it ended by itself it must have succeeded.
func killed(t *testing.T, cmd *exec.Cmd, err error) bool {
	t.Helper()
	exit, failed := errors.AsType[*exec.ExitError](err)
	if failed && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("child: %v\n%s", err, cmd.Stderr)
	}
	return false
}

// work is what a tree holds besides obsgen's records, temporaries and empty folders.
func work(t *testing.T, dir string) layout {
	t.Helper()
	l := read(t, dir)
	maps.DeleteFunc(l, func(p, _ string) bool {
		return strings.HasSuffix(p, "/") || strings.HasPrefix(path.Base(p), ".obsgen-") || strings.HasPrefix(p, recordPrefix)
	})
	return l
}

// oldOrNew fails if, after a write of files to a tree that was as before was killed, any file is neither as it was nor
// as it shall be.
func oldOrNew(t *testing.T, before layout, files []File, after layout) {
	t.Helper()
	want := layout{}
	for _, f := range files {
		want[f.Path] = string(f.Data)
	}
	all := maps.Clone(before)
	maps.Copy(all, want)
	maps.Copy(all, after)
	for p := range all {
		is, exists := after[p]
		was, existed := before[p]
		shall, stays := want[p]
		if exists && (existed && is == was || stays && is == shall) || !exists && (!existed || !stays || swaps(p)) {
			continue
		}
		t.Fatalf("%s: exists %v with %d bytes %.40q; before %v with %d bytes, shall be %v with %d bytes",
			p, exists, len(is), is, existed, len(was), stays, len(shall))
	}
}

// swaps reports whether p is a path where a file and a folder take each other's place: after two killed runs the one may
// be gone for a moment and the other not there yet.
func swaps(p string) bool {
	top, _, _ := strings.Cut(p, "/")
	return top == "turns" || top == "flips" || top == "swap"
}

// Kills a build before each of its changes to the disk in turn, and then the next one somewhere, and completes a third.
func TestKilledAtEachStep(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var fresh []layout
	for g := range 3 {
		dir := t.TempDir()
		mustWrite(t, dir, trees["small"](g))
		fresh = append(fresh, readAll(t, dir))
	}
	steps := 0
	for ; ; steps++ {
		dir := filepath.Join(t.TempDir(), "out")
		mustWrite(t, dir, trees["small"](0))
		before := work(t, dir)
		cmd := startChild(t, dir, "small", 1, childStep+"="+strconv.Itoa(steps))
		if !killed(t, cmd, cmd.Run()) {
			diff(t, "tree of a build that was let through", fresh[1], readAll(t, dir))
			break
		}
		oldOrNew(t, before, trees["small"](1), work(t, dir))

		for g := range 3 { // what comes next may be as it was before, the same, or something else
			if testing.Short() && g != steps%3 {
				continue
			}
			next := filepath.Join(t.TempDir(), "out")
			if err := os.CopyFS(next, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			before := work(t, next)
			second := random.IntN(30)
			cmd := startChild(t, next, "small", (g+1)%3, childStep+"="+strconv.Itoa(second))
			if killed(t, cmd, cmd.Run()) {
				oldOrNew(t, before, trees["small"]((g+1)%3), work(t, next))
			}
			if _, err := Write(next, trees["small"](g), Options{}); err != nil {
				t.Fatalf("killed at step %d, then at %d of generation %d: %v", steps, second, (g+1)%3, err)
			}
			diff(t, fmt.Sprintf("tree after kills at step %d, then at %d of generation %d", steps, second, (g+1)%3),
				fresh[g], readAll(t, next))
			if t.Failed() {
				return
			}
		}
	}
	if steps < 20 {
		t.Errorf("a build has only %d steps: is each announced?", steps)
	}
}

// A build that was told to replace a person's files and killed over it needs not be told again.
func TestKilledForce(t *testing.T) {
	fresh := t.TempDir()
	mustWrite(t, fresh, trees["small"](1))
	for step := 0; ; step++ {
		dir := filepath.Join(t.TempDir(), "out")
		mustWrite(t, dir, trees["small"](0))
		layout{"changed/a": "edited", "new/deep/x": "a person's", "gone/deep/x": "edited", "turns": "edited"}.put(t, dir)
		cmd := startChild(t, dir, "small", 1, childStep+"="+strconv.Itoa(step), childForce+"=1")
		if !killed(t, cmd, cmd.Run()) {
			break
		}
		_, err := Write(dir, trees["small"](1), Options{})
		if _, journal := os.Stat(filepath.Join(dir, journalName)); err != nil && journal == nil {
			t.Fatalf("killed at step %d: %v", step, err)
		} else if err == nil {
			diff(t, fmt.Sprintf("tree after a kill at step %d", step), readAll(t, fresh), readAll(t, dir))
		}
	}
}

// Kills builds of a large tree at random moments: at least 100, and at least 30 of them between the first change and the
// last. Now and then a build is completed, and must leave the very tree.
func TestKilledAtRandom(t *testing.T) {
	wantKills, wantMidway := 100, 30
	if testing.Short() {
		wantKills, wantMidway = 15, 1
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var generations [3][]File
	var fresh [3]layout
	for g := range generations {
		dir := t.TempDir()
		generations[g] = trees["large"](g)
		mustWrite(t, dir, generations[g])
		fresh[g] = readAll(t, dir)
	}

	dir := filepath.Join(t.TempDir(), "out")
	mustWrite(t, dir, generations[0])
	before := work(t, dir)
	within := 100 * time.Millisecond // adjusted to what a build takes here
	kills, midway, chain := 0, 0, 0
	for g, start := 0, time.Now(); (kills < wantKills || midway < wantMidway) && time.Since(start) < time.Minute; {
		g = (g + 1 + random.IntN(2)) % len(generations) // another than the last
		cmd := startChild(t, dir, "large", g)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err == nil {
			_, err = bufio.NewReader(out).ReadString('\n')
		}
		if err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(random.Int64N(int64(within))), func() { _ = cmd.Process.Kill() })
		_, _ = io.Copy(io.Discard, out)
		wasKilled := killed(t, cmd, cmd.Wait())
		kill.Stop()
		if !wasKilled {
			within -= within / 10
			diff(t, "tree of a build that ended", fresh[g], readAll(t, dir))
			before = work(t, dir)
			continue
		}
		kills++
		chain++
		after := work(t, dir)
		oldOrNew(t, before, generations[g], after)
		before = after
		if _, err := os.Stat(filepath.Join(dir, journalName)); err == nil {
			midway++
		} else {
			within += within / 10
		}

		// The next build would not be refused, whatever it is to write…
		next := random.IntN(len(generations))
		if c := decideNow(t, dir, generations[next]); len(c.conflicts) > 0 {
			t.Fatalf("after %d kills: %v", chain, newRefusal(dir, c.conflicts))
		}
		// …and now and then it is done.
		if random.IntN(4) == 0 {
			g = next
			mustWrite(t, dir, generations[g])
			diff(t, fmt.Sprintf("tree after %d kills", chain), fresh[g], readAll(t, dir))
			before, chain = work(t, dir), 0
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d of them midway, of builds within %v", kills, midway, within)
	if kills < wantKills || midway < wantMidway {
		t.Errorf("too few kills in a minute")
	}
}

// A pipe in place of a file is not opened, which would hang.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"a", "b", manifestName} {
		mustWrite(t, dir, layout{"a": "1"}.files())
		remove(p)(t, dir)
		if err := syscall.Mkfifo(filepath.Join(dir, p), 0o644); err != nil {
			t.Skip(err)
		}
		_, err := Write(dir, layout{"a": "1", "b/c": "1"}.files(), Options{Force: true})
		r, ok := errors.AsType[*Refusal](err)
		if !ok {
			t.Fatalf("%s: got error %v, want a refusal", p, err)
		}
		diff(t, "conflicts", []Conflict{{p, NotRegular}}, r.Conflicts)
		remove(p)(t, dir)
	}
}

func decideNow(t *testing.T, dir string, files []File) *changes {
	t.Helper()
	d, err := openDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	good, bad := checkPaths(slices.Clone(files))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	c, err := d.decide(good, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
