package query

import (
	"fmt"
	"regexp"
	"strconv"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// Parse returns an expression written as text, for what the builder lacks. $1, $2 … stand for the
// metrics' series, so that no name is typed twice, and [$window] for a window that the reader's place
// decides:
//
//	query.Parse(`sum by (protocol) (rate($1[$window] offset 1w))`, metrics.RequestsTotal)
//
// It is checked like any other expression.
func Parse(text string, ms ...Selectable) Vector {
	var wrong []string
	used := make([]bool, len(ms))
	expanded := placeholder.ReplaceAllStringFunc(text, func(p string) string {
		i, err := strconv.Atoi(p[1:])
		if err != nil || i < 1 || i > len(ms) {
			wrong = append(wrong, fmt.Sprintf("%s stands for no metric: %d are given", p, len(ms)))
			return "unknown"
		}
		used[i-1] = true
		return ms[i-1].Series().Name()
	})
	for i, u := range used {
		if !u {
			wrong = append(wrong, fmt.Sprintf("the text does not use $%d, %s", i+1, ms[i].Series().Name()))
		}
	}
	expr, err := ParseOpen(expanded, "$window")
	if err != nil {
		n := step(1, nil, names{open: true})
		n.fault("query/parse", fmt.Sprintf("%v in %s", err, text), "write PromQL that parses; positions are those of the text with the metrics in place of $1, $2, …")
		return Vector{n}
	}
	n := step(1, expr, names{open: true})
	for _, m := range ms {
		n.metrics = append(n.metrics, m.Series().Metric)
	}
	for _, w := range wrong {
		n.fault("query/parse", w, "number the metrics from $1 in the order of the arguments")
	}
	return Vector{n}
}
