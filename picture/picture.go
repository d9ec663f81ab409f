// Package picture keeps a small picture of each dashboard between builds: which dashboard, in which form, and how it looks. A form
// is known by its digest, over all that is seen of the dashboard.
//
// There is no promise of compatibility before 1.0.
package picture

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/obsgen/obsgen/internal/file"
)

// FolderName is where a project keeps its pictures, beside obsgen.yaml.
const FolderName = "pictures"

// Name returns the file of the picture of a dashboard in a form.
func Name(uid, digest string) string { return uid + "." + digest + ".png" }

var named = regexp.MustCompile(`^(.+)\.([0-9a-f]{12})\.png$`)

// Read returns the pictures that a project keeps below its folder, by their files' names, and false where it has no folder for them.
// Other files there are left alone.
func Read(dir string) (map[string][]byte, bool, error) {
	at := filepath.Join(dir, FolderName)
	list, err := os.ReadDir(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	out := map[string][]byte{}
	for _, e := range list {
		if !named.MatchString(e.Name()) || !file.IsRegular(filepath.Join(at, e.Name()), e) {
			continue
		}
		if out[e.Name()], err = file.Read(filepath.Join(at, e.Name())); err != nil {
			return nil, false, err
		}
	}
	return out, true, nil
}

// unseen are the fields of a dashboard of Grafana, and of its panels, that no picture of it shows.
var unseen = []string{"description", "links", "id", "version", "schemaVersion", "pluginVersion", "refresh", "tags", "graphTooltip", "editable"}

// Digest returns the digest of what is seen of a dashboard in Grafana's form.
func Digest(dashboard []byte) (string, error) {
	var d any
	if err := json.Unmarshal(dashboard, &d); err != nil {
		return "", fmt.Errorf("it is no dashboard: %w", err)
	}
	data, err := json.Marshal(seen(d)) // with the names of fields in order
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6]), nil
}

func seen(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range unseen {
			delete(v, name)
		}
		for name, x := range v {
			v[name] = seen(x)
		}
	case []any:
		for i, x := range v {
			v[i] = seen(x)
		}
	}
	return v
}
