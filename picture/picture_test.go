package picture_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/obsgen/obsgen/picture"
)

func TestDigest(t *testing.T) {
	const board = `{"title": "A", "description": "what", "panels": [{"id": 1, "title": "B", "links": [{"url": "x"}], "targets": [{"expr": "up"}]}]}`
	digest := func(s string) string {
		t.Helper()
		d, err := picture.Digest([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for other, same := range map[string]bool{
		`{"panels": [{"targets": [{"expr": "up"}], "title": "B", "id": 2, "description": "new"}], "title": "A"}`: true,
		`{"title": "A", "panels": [{"title": "C", "targets": [{"expr": "up"}]}]}`:                                false,
		`{"title": "A", "panels": [{"title": "B", "targets": [{"expr": "down"}]}]}`:                              false,
	} {
		if (digest(other) == digest(board)) != same {
			t.Errorf("%s: the same picture is %v, and %v is wanted", other, !same, same)
		}
	}
	if _, err := picture.Digest([]byte("{")); err == nil {
		t.Error("of what is no JSON there is a digest")
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if _, any, err := picture.Read(dir); any || err != nil {
		t.Errorf("of no folder: %v, %v", any, err)
	}
	if err := os.Mkdir(filepath.Join(dir, picture.FolderName), 0o700); err != nil {
		t.Fatal(err)
	}
	name := picture.Name("my.board", "0123456789ab")
	for _, file := range []string{name, "notes.txt", "my.board.png"} {
		if err := os.WriteFile(filepath.Join(dir, picture.FolderName, file), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, any, err := picture.Read(dir)
	if err != nil || !any || len(got) != 1 || string(got[name]) != name {
		t.Errorf("it reads %v, %v, %v", got, any, err)
	}
}
