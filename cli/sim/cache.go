package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/proofs"
	"github.com/obsgen/obsgen/simulate"
)

// cache keeps proofs in the user's cache folder, by the digest of what they depend on. What cannot be read or written there is
// proved anew, without a word.
type cache struct {
	dir   string // "" where there is none
	names map[proofs.Key]string
	forms map[proofs.Key]proofs.Form
	read  map[proofs.Key]*simulate.Proof // what was there, nil where nothing was
}

func newCache(paths []string, f *cli.ProveFlags, handed cli.Handed) (*cache, error) {
	files := map[string][]byte{}
	for _, p := range paths {
		data, err := file.Read(p)
		if err != nil {
			return nil, err
		}
		files[p] = data
	}
	forms, err := proofs.Forms(files, handed.Features, func(series string) any {
		x, ok := handed.Series[series]
		return []any{x, ok, handed.Series != nil}
	})
	if err != nil {
		return nil, err
	}
	c := &cache{names: map[proofs.Key]string{}, forms: forms, read: map[proofs.Key]*simulate.Proof{}}
	if dir, err := os.UserCacheDir(); err == nil {
		c.dir = filepath.Join(dir, "obsgen", "proofs")
	}
	// The usual state of things is part of what a proof says; the number changes with what is kept of it.
	usual := handed.Scenarios
	if len(usual.Scenarios) > 1 {
		usual.Scenarios = usual.Scenarios[:1]
	}
	state, err := json.Marshal([]any{2, usual, f.Matrix, handed.Features})
	if err != nil {
		return nil, err
	}
	for key, form := range forms {
		sum := sha256.Sum256(append([]byte(form.Digest), state...))
		c.names[key] = hex.EncodeToString(sum[:16]) + ".json"
	}
	return c, nil
}

// get returns the proof of an alert, nil where it has to be made.
func (c *cache) get(key proofs.Key) *simulate.Proof {
	if c.dir == "" {
		return nil
	}
	if p, done := c.read[key]; done {
		return p
	}
	c.read[key] = nil
	data, err := file.Read(filepath.Join(c.dir, c.names[key]))
	if err != nil {
		return nil
	}
	var out simulate.Proof
	if json.Unmarshal(data, &out) == nil && out.Alert == c.forms[key].Alert {
		c.read[key] = &out
	}
	return c.read[key]
}

// all reports whether every proof that is asked for is there.
func (c *cache) all(match func(string) bool) bool {
	for key, form := range c.forms {
		if (match == nil || match(form.Alert)) && c.get(key) == nil {
			return false
		}
	}
	return true
}

func (c *cache) put(list []*simulate.Proof) {
	if c.dir == "" || os.MkdirAll(c.dir, 0o755) != nil {
		return
	}
	for _, p := range list {
		key := proofs.Key{File: p.File, Group: p.Group, Rule: p.Rule}
		if c.read[key] != nil || p.Failure != "" {
			continue
		}
		if data, err := json.Marshal(p); err == nil {
			_ = file.Write(filepath.Join(c.dir, c.names[key]), data, 0o644) // the next run proves it anew
		}
	}
}
