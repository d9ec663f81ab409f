// Command obsgen writes, checks and lists what the MockForge project declares.
package main

import (
	"os"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/mockforge"
)

func main() { os.Exit(cli.Main(mockforge.Project)) }
