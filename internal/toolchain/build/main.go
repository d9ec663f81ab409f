// Command build builds the pinned tools into tools/bin: those of the names given, or all.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/obsgen/obsgen/internal/toolchain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := toolchain.Build(ctx, os.Stderr, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
