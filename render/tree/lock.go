package tree

import (
	"fmt"
	"io/fs"
	"time"
)

// A build holds the lock for well below a second, so one that waits this long waits for a process that hangs.
var (
	lockPatience = 10 * time.Second
	lockPoll     = 10 * time.Millisecond
)

// lock keeps other processes, and other calls in this one, from writing the tree until unlock is called. A process that
// dies loses its lock with its life.
func (d *disk) lock() (unlock func() error, err error) {
	if d.root == nil {
		return nil, fmt.Errorf("locking %s: %w", d.dir, fs.ErrNotExist)
	}
	if n, err := d.look(lockName); err != nil {
		return nil, err
	} else if n.kind == link {
		return nil, newRefusal(d.dir, []Conflict{{lockName, SymbolicLink}})
	}
	for start := time.Now(); ; time.Sleep(lockPoll) {
		unlock, held, err := tryLock(d.root)
		if err != nil {
			return nil, fmt.Errorf("locking %s: %w", d.dir, err)
		}
		if held {
			return unlock, nil
		}
		if time.Since(start) > lockPatience {
			return nil, fmt.Errorf("%s is being written by another process for more than %v (it holds %s)", d.dir, lockPatience, lockName)
		}
	}
}
