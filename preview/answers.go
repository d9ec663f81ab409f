package preview

import (
	"context"
	"encoding/json"
	"net/url"
	"sync"
)

// answers keeps what was answered, so that pages and panels that ask the same are answered once.
type answers struct {
	mu   sync.Mutex
	kept map[asked]*kept
	last []asked // what is answered, in the order in which the answers came
	size int     // of those in bytes
}

type kept struct {
	done    chan struct{} // closed when text is there
	text    json.RawMessage
	waiting int // how many want it
	cancel  context.CancelFunc
}

// most is how many bytes of answers are kept.
const most = 64 << 20

// beside is about what an answer takes beside its text.
const beside = 300

func newAnswers() *answers { return &answers{kept: map[asked]*kept{}} }

// get returns what f answers to a query, or answered before. What f could not answer is asked again. The work is for all who ask the
// same, also when the one who asked first has gone: its context ends when none of them is left.
func (a *answers) get(ctx context.Context, q asked, f func(context.Context) (json.RawMessage, bool)) json.RawMessage {
	if ctx.Err() != nil {
		return failed(ctx.Err())
	}
	a.mu.Lock()
	k := a.kept[q]
	if k == nil {
		k = &kept{done: make(chan struct{})}
		var work context.Context
		work, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
		a.kept[q] = k
		go func() {
			text, good := f(work)
			a.put(q, k, text, good)
		}()
	}
	k.waiting++
	a.mu.Unlock()
	select {
	case <-k.done:
		return k.text
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if k.waiting--; k.waiting == 0 && k.text == nil {
		k.cancel()
		if a.kept[q] == k {
			delete(a.kept, q)
		}
	}
	return failed(ctx.Err())
}

// put gives an answer to those who wait for it, and keeps it where it is good, in place of the oldest.
func (a *answers) put(q asked, k *kept, text json.RawMessage, good bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k.cancel()
	k.text = text
	close(k.done)
	if a.kept[q] != k { // nobody wants it any more, or it is of other data
		return
	}
	if !good {
		delete(a.kept, q)
		return
	}
	a.last = append(a.last, q)
	for a.size += sizeOf(q, text); a.size > most; a.last = a.last[1:] {
		a.size -= sizeOf(a.last[0], a.kept[a.last[0]].text)
		delete(a.kept, a.last[0])
	}
}

func sizeOf(q asked, text json.RawMessage) int { return len(q.Expr) + len(text) + beside }

func (a *answers) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept, a.last, a.size = map[asked]*kept{}, nil, 0
}

func encode(v map[string]string) string {
	form := url.Values{}
	for k, x := range v {
		form.Set(k, x)
	}
	return form.Encode()
}
