package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/simulate"
)

// settle is how long nothing must change before the tests run: an editor writes a file in several steps.
const settle = 100 * time.Millisecond

// follow runs the tests, and those again whose files or rules change, until it is interrupted.
func (f *testFlags) follow(ctx context.Context, env *Env, args, paths []string, run *regexp.Regexp, o simulate.Options) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return cli.Misuse("--watch: %v", err)
	}
	defer func() { _ = watcher.Close() }() // nothing is written by it
	rerun := func(paths []string) {
		var exit *cli.ExitError
		switch err := f.once(ctx, env, paths, run, o); {
		case errors.As(err, &exit):
			fmt.Fprintln(env.Stderr, "obsgen: "+exit.Message)
		case err != nil:
			fmt.Fprintf(env.Stderr, "obsgen: %v\n", err)
		}
		fmt.Fprintln(env.Stderr, "waiting for changes")
	}
	rules := map[string][]string{} // by the file of tests
	look := func() error {
		for _, p := range paths {
			rules[p] = nil
			if file, err := simulate.Read(p); err == nil { // otherwise the run says why not
				rules[p] = file.Rules
			}
			for _, at := range append([]string{p}, rules[p]...) {
				if err := watcher.Add(filepath.Dir(at)); err != nil {
					return cli.Misuse("--watch: %s: %v", at, err)
				}
			}
		}
		return watchFolders(watcher, args)
	}
	if err := look(); err != nil {
		return err
	}
	rerun(paths)
	changed := map[string]bool{}
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-watcher.Errors:
			return cli.Misuse("--watch: %v", err)
		case e := <-watcher.Events:
			if e.Op == fsnotify.Chmod {
				continue
			}
			changed[absolute(e.Name)] = true
			quiet.Reset(settle)
		case <-quiet.C:
			before := paths
			if found, err := allTestFiles(args); err == nil {
				paths = found
			}
			var concerned []string
			for _, p := range paths {
				if !slices.Contains(before, p) || slices.ContainsFunc(append([]string{p}, rules[p]...), func(at string) bool { return changed[absolute(at)] }) {
					concerned = append(concerned, p)
				}
			}
			changed = map[string]bool{}
			if err := look(); err != nil {
				return err
			}
			if len(concerned) > 0 {
				fmt.Fprintf(env.Stderr, "\nchanged, so that this runs again: %s\n", strings.Join(concerned, ", "))
				rerun(concerned)
			}
		}
	}
}

func absolute(path string) string {
	if at, err := filepath.Abs(path); err == nil {
		return at
	}
	return path
}

// watchFolders watches the folders among the arguments, with those below: new files come there.
func watchFolders(w *fsnotify.Watcher, args []string) error {
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			continue
		}
		if err := filepath.WalkDir(arg, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.IsDir() {
				return err
			}
			if path != arg && cli.SkipsFolder(e.Name()) {
				return fs.SkipDir
			}
			return w.Add(path)
		}); err != nil {
			return cli.Misuse("--watch: %v", err)
		}
	}
	return nil
}
