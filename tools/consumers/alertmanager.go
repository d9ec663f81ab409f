package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
)

// routes loads a configuration and prints, for each set of labels on the standard input (one JSON object a line), the
// receivers that Alertmanager would send it to, as a JSON array.
func routes(args []string) error {
	c, err := config.LoadFile(args[0])
	if err != nil {
		return err
	}
	root := dispatch.NewRoute(c.Route, nil)
	out := json.NewEncoder(os.Stdout)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var labels model.LabelSet
		if err := json.Unmarshal(in.Bytes(), &labels); err != nil {
			return fmt.Errorf("%s: %w", in.Text(), err)
		}
		to := []string{}
		for _, r := range root.Match(labels) {
			to = append(to, r.RouteOpts.Receiver)
		}
		if err := out.Encode(to); err != nil {
			return err
		}
	}
	return in.Err()
}
