package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/client"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// Server is a Prometheus that was there while the load ran.
type Server struct {
	api        apiv1.API
	start, end time.Time
	step       time.Duration
	gone       map[string]bool // by selector
	warnings   []string
}

// mostPoints is how many points of a series are asked for: Prometheus gives up at 11,000, and a picture needs far fewer.
const mostPoints = 2000

// NewServer returns the Prometheus at an address, for the time from start to end. Each request carries the header. A step
// that would give too many points is made longer. It returns an error for an address that is none.
func NewServer(address string, header http.Header, start, end time.Time, step time.Duration) (*Server, error) {
	if !end.After(start) {
		return nil, fmt.Errorf("the time from %s to %s is empty", start.Format(time.RFC3339), end.Format(time.RFC3339))
	}
	at, err := client.Address(address, "http://localhost:9090")
	if err != nil {
		return nil, err
	}
	asking, err := api.NewClient(api.Config{Address: at.String(), Client: client.New(header, 0)})
	if err != nil {
		return nil, fmt.Errorf("the address %q: %w", at.Redacted(), err)
	}
	if least := end.Sub(start) / mostPoints; step < least {
		step = least.Round(time.Second) + time.Second
	}
	return &Server{api: apiv1.NewAPI(asking), start: start, end: end, step: step, gone: map[string]bool{}}, nil
}

// Step implements Measured.
func (s *Server) Step() time.Duration { return s.step }

// Series implements Measured.
func (s *Server) Series(ctx context.Context, e parser.Expr) ([]Series, error) {
	if far, _ := query.Reach(e); far > s.end.Sub(s.start) {
		return nil, &ErrUnmeasurable{fmt.Sprintf("it looks back %s, and the load lasted %s: what was before it would count", unit.Duration(far), unit.Duration(s.end.Sub(s.start).Round(time.Second)))}
	}
	window := unit.Duration(max(time.Minute, 4*s.step).Round(time.Second))
	return s.ask(ctx, query.Text(e, window, false))
}

// Warnings implements Measured.
func (s *Server) Warnings() []string { return s.warnings }

// Vanished implements Measured.
func (s *Server) Vanished(ctx context.Context, e parser.Expr) (string, error) {
	for _, v := range read(e) {
		// Series of some labels come and go; that none of the job is left is what counts.
		all := *v
		all.OriginalOffset, all.Offset, all.LabelMatchers = 0, 0, nil
		for _, m := range v.LabelMatchers {
			if m.Name == model.MetricNameLabel || m.Name == model.JobLabel {
				all.LabelMatchers = append(all.LabelMatchers, m)
			}
		}
		key := all.String()
		gone, known := s.gone[key]
		if !known {
			series, err := s.ask(ctx, "count("+key+")")
			if err != nil {
				return "", err
			}
			for _, x := range series {
				gone = len(x.Points) > 0 && x.Points[len(x.Points)-1].At.Before(s.end.Add(-s.step))
			}
			s.gone[key] = gone
		}
		if gone {
			return v.Name, nil
		}
	}
	return "", nil
}

// read returns the selectors of an expression that name a metric. absent is about metrics that are not there.
func read(e parser.Expr) []*parser.VectorSelector {
	var out []*parser.VectorSelector
	parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if ok && v.Name != "" && !slices.ContainsFunc(path, func(n parser.Node) bool {
			c, is := n.(*parser.Call)
			return is && strings.HasPrefix(c.Func.Name, "absent")
		}) {
			out = append(out, v)
		}
		return nil
	})
	return out
}

// ask asks for the whole time.
func (s *Server) ask(ctx context.Context, text string) ([]Series, error) {
	value, warnings, _, err := s.api.QueryRange(ctx, text, apiv1.Range{Start: s.start, End: s.end, Step: s.step})
	for _, w := range warnings {
		if !slices.Contains(s.warnings, w) {
			s.warnings = append(s.warnings, w)
		}
	}
	if err != nil {
		var of *apiv1.Error
		if errors.As(err, &of) && of.Type == apiv1.ErrBadResponse {
			return nil, fmt.Errorf("this is no Prometheus: %s", diag.Printable(err.Error()))
		}
		return nil, fmt.Errorf("%s: %s", text, diag.Printable(err.Error()))
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("%s gives a %s", text, value.Type())
	}
	var out []Series
	for _, stream := range matrix {
		series := Series{Labels: shown(stream.Metric)}
		for _, p := range stream.Values {
			series.Points = append(series.Points, Point{p.Timestamp.Time(), float64(p.Value)})
		}
		out = append(out, series)
	}
	return out, nil
}

// shown returns the labels of a series without its name.
func shown(m model.Metric) string {
	of := m.Clone()
	delete(of, model.MetricNameLabel)
	if len(of) == 0 {
		return ""
	}
	return of.String()
}

// Scrapes are two scrapes of one server, before the load and after it.
type Scrapes struct {
	memory  engine.Memory
	end     time.Time
	elapsed time.Duration
	gone    map[string]bool // names that are in the first alone
}

// NewScrapes reads two expositions, in the Prometheus text format or in OpenMetrics, of which the second was made so long
// after the first; their series get the label job. It returns an error where one does not parse.
func NewScrapes(before, after []byte, elapsed time.Duration, job string) (*Scrapes, error) {
	if elapsed <= 0 {
		return nil, errors.New("the time between the scrapes has to be above 0")
	}
	s := &Scrapes{end: time.Unix(1_700_000_000, 0), elapsed: elapsed, gone: map[string]bool{}}
	start := s.end.Add(-elapsed)
	known := map[string]bool{}
	err := samplesOf(before, job, func(ls labels.Labels, v float64) {
		known[ls.String()] = true
		s.gone[ls.Get(model.MetricNameLabel)] = true
		s.memory.Add(ls, start, v)
	})
	if err != nil {
		return nil, fmt.Errorf("the first scrape: %w", err)
	}
	err = samplesOf(after, job, func(ls labels.Labels, v float64) {
		delete(s.gone, ls.Get(model.MetricNameLabel))
		if !known[ls.String()] && counts(ls.Get(model.MetricNameLabel)) {
			s.memory.Add(ls, start, 0) // it began between the scrapes: all of it is growth
		}
		s.memory.Add(ls, s.end, v)
	})
	if err != nil {
		return nil, fmt.Errorf("the second scrape: %w", err)
	}
	return s, nil
}

// counts reports whether a series is one that grows, as its name says: that of a counter, or of a histogram.
func counts(name string) bool {
	for _, suffix := range []string{"_total", "_bucket", "_sum", "_count"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// samplesOf calls f with each sample of an exposition.
func samplesOf(data []byte, job string, f func(labels.Labels, float64)) error {
	kind := "text/plain"
	if ended(data) {
		kind = "application/openmetrics-text"
	}
	p, err := textparse.New(data, kind, labels.NewSymbolTable(), textparse.ParserOptions{FallbackContentType: "text/plain"})
	if err != nil {
		return err
	}
	b := labels.NewBuilder(labels.EmptyLabels())
	n := 0
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, _, value := p.Series()
		var ls labels.Labels
		p.Labels(&ls)
		b.Reset(ls)
		b.Set("job", job)
		b.Set("instance", "scraped")
		f(b.Labels(), value)
		n++
	}
	if n == 0 {
		return errors.New("it has no samples")
	}
	b.Reset(labels.FromStrings("__name__", "up", "job", job, "instance", "scraped"))
	f(b.Labels(), 1)
	return nil
}

// ended reports whether an exposition ends as OpenMetrics does.
func ended(data []byte) bool {
	const end = "# EOF"
	n := len(data)
	for n > 0 && (data[n-1] == '\n' || data[n-1] == '\r') {
		n--
	}
	return n >= len(end) && string(data[n-len(end):n]) == end
}

// Warnings implements Measured: there are none.
func (s *Scrapes) Warnings() []string { return nil }

// Vanished implements Measured.
func (s *Scrapes) Vanished(_ context.Context, e parser.Expr) (string, error) {
	for _, v := range read(e) {
		if s.gone[v.Name] {
			return v.Name, nil
		}
	}
	return "", nil
}

// Step implements Measured: there is one point.
func (s *Scrapes) Step() time.Duration { return 0 }

// Series implements Measured. Windows are the time between the scrapes, whatever they are otherwise.
func (s *Scrapes) Series(ctx context.Context, e parser.Expr) ([]Series, error) {
	within := s.elapsed + time.Millisecond // a window does not have what stands at its very beginning
	subquery := false
	e = query.Map(e, func(n parser.Expr) parser.Expr {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			n.Range = within
		case *parser.SubqueryExpr:
			subquery = true
		}
		return n
	})
	if subquery {
		return nil, &ErrUnmeasurable{"it looks at a longer time than two scrapes tell of"}
	}
	rs, err := s.memory.Query(ctx, query.Text(e, unit.Duration(within), false), s.end)
	if err != nil {
		return nil, err
	}
	var out []Series
	for _, r := range rs {
		// There is one job and one instance.
		ls, name := labels.NewBuilder(r.Labels).Del("__name__", "instance", "job").Labels(), ""
		if ls.Len() > 0 {
			name = ls.String()
		}
		out = append(out, Series{name, []Point{{s.end, r.Value}}})
	}
	return out, nil
}
