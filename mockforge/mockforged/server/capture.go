package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// exchange is what is captured of a request and its answer.
type exchange struct {
	Method   string `json:"method"`
	Path     string `json:"path"`
	Status   int    `json:"status"`
	Received int64  `json:"received"`
	Sent     int    `json:"sent"`
}

// capture forwards exchanges to where they are kept. Requests never wait for it: what does not fit is dropped.
type capture struct {
	recorder *instrument.Capture
	to       string
	queue    chan exchange
	client   http.Client
}

func newCapture(r *instrument.Capture, to string) *capture {
	return &capture{recorder: r, to: to, queue: make(chan exchange, 256), client: http.Client{Timeout: 2 * time.Second}}
}

// record takes an exchange, unless there are too many.
func (c *capture) record(e exchange) {
	select {
	case c.queue <- e:
	default:
		c.recorder.Dropped(metrics.DropBufferFull)
	}
}

// run forwards, some at a time, until ctx is done.
func (c *capture) run(ctx context.Context) {
	for {
		var batch []exchange
		select {
		case <-ctx.Done():
			for {
				select {
				case <-c.queue:
					c.recorder.Dropped(metrics.DropClosed)
				default:
					return
				}
			}
		case e := <-c.queue:
			batch = append(batch, e)
		}
		for more := true; more && len(batch) < 64; {
			select {
			case e := <-c.queue:
				batch = append(batch, e)
			default:
				more = false
			}
		}
		c.forward(ctx, batch)
	}
}

// forward sends a batch, again where that may help, and gives up in the end.
func (c *capture) forward(ctx context.Context, batch []exchange) {
	drop := func(why metrics.DropValue) {
		for range batch {
			c.recorder.Dropped(why)
		}
	}
	body, err := json.Marshal(batch)
	if err != nil {
		drop(metrics.DropPermanent)
		return
	}
	for try := range 3 {
		switch status, err := c.post(ctx, body); {
		case ctx.Err() != nil:
			drop(metrics.DropClosed)
			return
		case err == nil && status < 300:
			for range batch {
				c.recorder.Sent()
			}
			return
		case err == nil && status >= 400 && status < 500:
			drop(metrics.DropPermanent)
			return
		}
		Sleep(ctx, 100*time.Millisecond<<try)
	}
	drop(metrics.DropExhausted)
}

func (c *capture) post(ctx context.Context, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.to, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("forwarding captures: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
