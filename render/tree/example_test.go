package tree_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/obsgen/obsgen/render/tree"
)

// A file that a person edited is not overwritten, and nothing else is written either, until the person says so.
func ExampleWrite() {
	parent, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	out := filepath.Join(parent, "out")

	report, err := tree.Write(out, []tree.File{
		{Path: "prometheus/rules/slo.yaml", Data: []byte("groups: []\n")},
		{Path: "docs/index.md", Data: []byte("# Metrics\n")},
	}, tree.Options{})
	fmt.Println(report.Written, err)

	err = os.WriteFile(filepath.Join(out, "docs", "index.md"), []byte("# Our metrics\n"), 0o644)
	if err != nil {
		fmt.Println(err)
	}
	next := []tree.File{{Path: "docs/index.md", Data: []byte("# Metrics and alerts\n")}}
	_, err = tree.Write(out, next, tree.Options{})
	if refusal, ok := errors.AsType[*tree.Refusal](err); ok {
		for _, c := range refusal.Conflicts {
			fmt.Printf("%s: %s\n", c.Path, c.Reason)
		}
	}

	report, err = tree.Write(out, next, tree.Options{Force: true})
	fmt.Println(report.Written, report.Removed, err)
	// Output:
	// [docs/index.md prometheus/rules/slo.yaml] <nil>
	// docs/index.md: edited by hand since obsgen wrote it
	// [docs/index.md] [prometheus/rules/slo.yaml] <nil>
}
