package server

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// outcomes counts requests by endpoint, second by second, over the last minute.
type outcomes struct {
	mu      sync.Mutex
	seconds [60]struct {
		at  int64
		per map[string]outcome
	}
}

// outcome is how many requests there were, and how many of them failed on the server's side.
type outcome struct{ all, failed int }

func (o *outcomes) add(endpoint string, failed bool) {
	now := time.Now().Unix()
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &o.seconds[now%60]
	if s.at != now {
		s.at, s.per = now, map[string]outcome{}
	}
	n := s.per[endpoint]
	n.all++
	if failed {
		n.failed++
	}
	s.per[endpoint] = n
}

// since returns the outcomes of the last seconds by endpoint, and of all.
func (o *outcomes) since(seconds int64) (per map[string]outcome, all outcome) {
	per = map[string]outcome{}
	now := time.Now().Unix()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.seconds {
		if now-s.at >= seconds {
			continue
		}
		for endpoint, n := range s.per {
			was := per[endpoint]
			per[endpoint] = outcome{was.all + n.all, was.failed + n.failed}
			all = outcome{all.all + n.all, all.failed + n.failed}
		}
	}
	return per, all
}

func (o outcome) share() float64 {
	if o.all == 0 {
		return 0
	}
	return float64(o.failed) / float64(o.all)
}

// measure works out the impact of what goes on, and what is to be recommended.
func (c *chaos) measure() {
	record := c.s.recorder.Chaos
	_, short := c.recent.since(10)
	per, minute := c.recent.since(60)
	record.Impact("10s", short.share())
	record.Impact("1m", minute.share())
	failing, fragile := 0, 0
	for _, n := range per {
		switch share := n.share(); {
		case n.all < 5:
		case share >= 0.2:
			failing++
		case share >= 0.02:
			fragile++
		}
	}
	record.Recommends("reliability", "high", failing)
	record.Recommends("reliability", "medium", fragile)
	open := 0
	for _, b := range c.circuits {
		if circuitState(b.State()) != 0 {
			open++
		}
	}
	record.Recommends("capacity", "medium", open)
}

// run plays an orchestration to its end. One at a time is played.
func (c *chaos) run(o orchestration) error {
	if !c.running.TryLock() {
		return fmt.Errorf("an orchestration is running already")
	}
	c.s.beside(func() {
		defer c.running.Unlock()
		record := c.s.recorder.Chaos
		end, ok := record.Orchestration(o.Name), true
		defer func() { end(ok) }()
		before := c.mode.Load().name
		defer func() {
			err := c.set(before)
			record.Hook("after", err == nil)
		}()
		record.Hook("before", true)
		for _, step := range o.Steps {
			start := time.Now()
			if err := c.set(step.Mode); err != nil {
				record.Scenario(step.Mode, false)
				ok = false
				return
			}
			whole := Sleep(c.s.ctx, time.Duration(step.Lasts))
			_, all := c.recent.since(1)
			held := all.share() <= step.Failing
			record.Asserted(o.Name, held)
			record.Scenario(step.Mode, whole)
			record.Step(o.Name, step.Name, time.Since(start))
			ok = ok && held && whole
			if !whole {
				return
			}
		}
	})
	return nil
}

// orchestrate begins an orchestration by its name.
func (s *Server) orchestrate(w http.ResponseWriter, r *http.Request) {
	for _, o := range s.config.Orchestrations {
		if o.Name == r.PathValue("name") {
			if err := s.chaos.run(o); err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
				return
			}
			w.WriteHeader(http.StatusAccepted)
			return
		}
	}
	http.Error(w, "there is no such orchestration", http.StatusNotFound)
}
