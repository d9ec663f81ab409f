package preview

import (
	"encoding/json"
	"net/url"
	"sync"
)

// answers keeps what was answered, so that pages and panels that ask the same are answered once.
type answers struct {
	mu   sync.Mutex
	kept map[asked]*kept
	last []asked // in the order in which they came
}

type kept struct {
	once sync.Once
	text json.RawMessage
}

// most is how many answers are kept.
const most = 500

func newAnswers() *answers { return &answers{kept: map[asked]*kept{}} }

// get returns what f answers to a query, or answered before. What f could not answer is asked again.
func (a *answers) get(q asked, f func() (json.RawMessage, bool)) json.RawMessage {
	a.mu.Lock()
	k := a.kept[q]
	if k == nil {
		k = &kept{}
		a.kept[q] = k
		a.last = append(a.last, q)
		if len(a.last) > most {
			delete(a.kept, a.last[0])
			a.last = a.last[1:]
		}
	}
	a.mu.Unlock()
	k.once.Do(func() {
		var good bool
		if k.text, good = f(); !good {
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.kept[q] == k {
				delete(a.kept, q)
			}
		}
	})
	return k.text
}

func (a *answers) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept, a.last = map[asked]*kept{}, nil
}

func encode(v map[string]string) string {
	form := url.Values{}
	for k, x := range v {
		form.Set(k, x)
	}
	return form.Encode()
}
