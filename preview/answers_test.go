package preview

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestAnswers asks the same from many sides at once, and what cannot be answered again.
func TestAnswers(t *testing.T) {
	t.Parallel()
	a := newAnswers()
	var times atomic.Int64
	good := func(context.Context) (json.RawMessage, bool) {
		times.Add(1)
		return json.RawMessage(`1`), true
	}
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			if got := a.get(t.Context(), asked{Expr: "up"}, good); string(got) != "1" {
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
		a.get(t.Context(), asked{Expr: "down"}, func(context.Context) (json.RawMessage, bool) {
			bad++
			return json.RawMessage(`0`), false
		})
	}
	if bad != 2 {
		t.Errorf("what was not answered was asked %d times", bad)
	}
	if a.get(t.Context(), asked{Expr: "up"}, good); times.Load() != 1 {
		t.Error("what was answered is asked again")
	}
	a.clear()
	if len(a.kept)+len(a.last)+a.size > 0 {
		t.Error("something is left")
	}
}

// TestAnswersAreBounded keeps large answers, one after the other: the oldest go, and what is larger than all that may be kept is not.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	a := newAnswers()
	large := func(size int) func(context.Context) (json.RawMessage, bool) {
		return func(context.Context) (json.RawMessage, bool) { return bytes.Repeat([]byte("1"), size), true }
	}
	kept := func() (n int) {
		for q, k := range a.kept {
			n += sizeOf(q, k.text)
		}
		return n
	}
	for i := range 20 {
		a.get(t.Context(), asked{Expr: fmt.Sprint(i)}, large(most/8))
		if n := kept(); n > most || n != a.size {
			t.Fatalf("%d bytes are kept, counted as %d", n, a.size)
		}
	}
	if len(a.kept) != 7 || a.kept[asked{Expr: "19"}] == nil || a.kept[asked{Expr: "12"}] != nil {
		t.Errorf("%d answers are kept, and not the last", len(a.kept))
	}
	if got := a.get(t.Context(), asked{Expr: "all"}, large(most+1)); len(got) != most+1 {
		t.Errorf("of what is too large to keep %d bytes are answered", len(got))
	}
	if n := kept(); n != a.size || a.kept[asked{Expr: "all"}] != nil {
		t.Errorf("what is too large is kept: %d bytes", n)
	}
}

// TestAnswersEndWithThoseWhoAsk has the work go on for the last who wants it, and end with him.
func TestAnswersEndWithThoseWhoAsk(t *testing.T) {
	t.Parallel()
	a := newAnswers()
	var begun atomic.Int64
	working, answer := make(chan context.Context, 1), make(chan struct{})
	f := func(ctx context.Context) (json.RawMessage, bool) {
		begun.Add(1)
		working <- ctx
		select {
		case <-ctx.Done():
			return failed(ctx.Err()), false
		case <-answer:
			return json.RawMessage(`1`), true
		}
	}
	ask := func() (func(), chan string) {
		ctx, leave := context.WithCancel(t.Context())
		said := make(chan string, 1)
		go func() { said <- string(a.get(ctx, asked{Expr: "slow"}, f)) }()
		return leave, said
	}
	leave, first := ask()
	ctx := <-working
	leave2, second := ask()
	for waiting := 0; waiting < 2; {
		a.mu.Lock()
		waiting = a.kept[asked{Expr: "slow"}].waiting
		a.mu.Unlock()
	}
	leave()
	<-first
	if ctx.Err() != nil {
		t.Error("the work ends though somebody wants it")
	}
	leave2()
	<-second
	<-ctx.Done()
	// Who asks then has it done anew.
	_, third := ask()
	<-working
	close(answer)
	if got := <-third; got != "1" || begun.Load() != 2 {
		t.Errorf("it answers %s after %d times", got, begun.Load())
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	a.get(gone, asked{Expr: "never"}, f)
	if begun.Load() != 2 {
		t.Error("work is done for one who is gone")
	}
}
