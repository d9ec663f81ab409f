package preview

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestAnswers asks the same from many sides at once, what cannot be answered again, and more than is kept.
func TestAnswers(t *testing.T) {
	a := newAnswers()
	var times atomic.Int64
	good := func() (json.RawMessage, bool) {
		times.Add(1)
		return json.RawMessage(`1`), true
	}
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			if got := a.get(asked{Expr: "up"}, good); string(got) != "1" {
				t.Errorf("it answers %s", got)
			}
		})
	}
	work.Wait()
	if n := times.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	bad := 0
	for range 2 {
		a.get(asked{Expr: "down"}, func() (json.RawMessage, bool) {
			bad++
			return json.RawMessage(`0`), false
		})
	}
	if bad != 2 {
		t.Errorf("what was not answered was asked %d times", bad)
	}
	for i := range 3 * most {
		a.get(asked{Expr: fmt.Sprint(i)}, good)
	}
	if n := len(a.kept); n > most {
		t.Errorf("%d answers are kept", n)
	}
	if a.get(asked{Expr: "up"}, good); times.Load() != 3*most+2 {
		t.Error("what was asked long ago is still kept")
	}
	a.clear()
	if len(a.kept)+len(a.last) > 0 {
		t.Error("something is left")
	}
}
