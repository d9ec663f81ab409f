package pseudonymize

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/obsgen/obsgen/instrument"
)

// ErrTooLarge is returned for an answer that is too large to be looked through, ErrNotJSON for one that is no JSON.
var (
	ErrTooLarge = errors.New("the answer is too large")
	ErrNotJSON  = errors.New("the answer is no JSON")
)

const (
	largest = 1 << 20
	most    = 5000 // values remembered
)

var (
	emails = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	phones = regexp.MustCompile(`\+\d{7,15}\b`)
)

// Plugin replaces e-mail addresses and telephone numbers. It may be used by several goroutines.
type Plugin struct {
	registry   *instrument.Registry
	emails     *instrument.CounterSeries
	phones     *instrument.CounterSeries
	size       *instrument.HistogramSeries
	remembered *instrument.GaugeSeries

	mu   sync.Mutex
	seen map[string]string
}

// Load registers the plugin's metrics and returns the plugin. It returns an error where a name of them is taken.
func Load(r *instrument.Registry) (*Plugin, error) {
	if err := r.Load(Fragment); err != nil {
		return nil, fmt.Errorf("loading the plugin %s: %w", Name, err)
	}
	replaced := instrument.NewCounter(r, ReplacedTotal)
	return &Plugin{
		registry: r, emails: replaced.With(PerKind.Of(Email)), phones: replaced.With(PerKind.Of(Phone)),
		size: instrument.OnlyHistogram(r, BodySize), remembered: instrument.OnlyGauge(r, Remembered), seen: map[string]string{},
	}, nil
}

// Unload removes the plugin's metrics.
func (p *Plugin) Unload() { p.registry.Unload(Fragment) }

// Transform returns an answer of JSON with its e-mail addresses and telephone numbers replaced, each always by the same.
func (p *Plugin) Transform(ctx context.Context, body []byte) ([]byte, error) {
	if len(body) > largest {
		return nil, ErrTooLarge
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(body) > 0 && !json.Valid(body) {
		return nil, ErrNotJSON
	}
	p.size.Observe(float64(len(body)))
	p.mu.Lock()
	defer p.mu.Unlock()
	replace := func(re *regexp.Regexp, n *instrument.CounterSeries, format string) {
		body = re.ReplaceAllFunc(body, func(found []byte) []byte {
			n.Inc()
			return p.stand(string(found), format)
		})
	}
	replace(emails, p.emails, "%s@invalid.example")
	replace(phones, p.phones, "+000%s")
	p.remembered.Set(float64(len(p.seen)))
	return body, nil
}

// stand returns what stands for a value.
func (p *Plugin) stand(value, format string) []byte {
	out, ok := p.seen[value]
	if !ok {
		sum := sha256.Sum256([]byte(value))
		out = fmt.Sprintf(format, hex.EncodeToString(sum[:5]))
		if len(p.seen) < most {
			p.seen[value] = out
		}
	}
	return []byte(out)
}
