package simulate

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Clock is a time that goes on with that of the machine, and can be stopped, made to go faster and moved on. It never goes back.
type Clock struct {
	mu      sync.Mutex
	machine func() time.Time
	at      time.Time // what it said when its speed was set
	since   time.Time // when that was, by the machine
	speed   float64
}

// Fastest is how many times faster than the machine's a clock can go.
const Fastest = 600

// NewClock returns a clock that says what the machine's says, nil for time.Now, and goes so many times as fast from now on.
func NewClock(machine func() time.Time, speed float64) *Clock {
	if machine == nil {
		machine = time.Now
	}
	now := machine()
	return &Clock{machine: machine, at: now, since: now, speed: speed}
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	gone := max(0, c.machine().Sub(c.since))
	return c.at.Add(time.Duration(float64(gone) * c.speed))
}

// Speed returns how many times as fast as the machine's it goes; 0: it stands.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed has it go so many times as fast as the machine's from now on; 0 stops it. Below that or above Fastest is an error.
func (c *Clock) SetSpeed(speed float64) error {
	if math.IsNaN(speed) || speed < 0 || speed > Fastest {
		return fmt.Errorf("the clock goes from 0 to %d times as fast, and not %v times", Fastest, speed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.since = c.now(), c.machine()
	c.speed = speed
	return nil
}

// Furthest is how far a clock can be moved at once: all evaluations on the way are made.
const Furthest = 24 * time.Hour

// Step moves it on at once. Back, or further than a day, is an error.
func (c *Clock) Step(d time.Duration) error {
	switch {
	case d < 0:
		return errors.New("the clock cannot go back: what was written stays written; play the scenario from an earlier moment instead")
	case d > Furthest:
		return fmt.Errorf("the clock can be moved by %s at once", Furthest)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return nil
}
