package sim_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/cli/sim"
	"github.com/obsgen/obsgen/mockforge"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"obsgen":     func() { os.Exit(cli.Main(mockforge.Project)) },
		"post":       func() { os.Exit(cli.Main(post)) },
		"excepted":   func() { os.Exit(cli.Main(excepted)) },
		"obsgen-sim": func() { os.Exit(sim.Main()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		docs, err := filepath.Abs("../../docs")
		e.Setenv("DOCS", docs)
		return err
	}, UpdateScripts: os.Getenv("OBSGEN_UPDATE") != ""})
}
