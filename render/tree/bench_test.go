package tree

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkWrite writes trees as large as a big project's, of files as large as a dashboard (8 to 40 kB).
func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{300, 1000} {
		generations := [2][]File{dashboardTree(n, 0), dashboardTree(n, 1)}
		b.Run(fmt.Sprintf("unchanged/%d", n), func(b *testing.B) {
			dir := b.TempDir()
			mustWrite(b, dir, generations[0])
			for b.Loop() {
				mustWrite(b, dir, generations[0])
			}
		})
		b.Run(fmt.Sprintf("changed/%d", n), func(b *testing.B) {
			dir := b.TempDir()
			mustWrite(b, dir, generations[1])
			i := 0
			for b.Loop() {
				mustWrite(b, dir, generations[i%2])
				i++
			}
		})
	}
}

// dashboardTree is a tree of n files in folders of 20, whose content is another for each generation.
func dashboardTree(n, generation int) []File {
	files := make([]File, n)
	for i := range files {
		r := rand.New(rand.NewPCG(uint64(i), uint64(generation)))
		data := make([]byte, 8_000+r.IntN(32_000))
		for k := range data {
			data[k] = 'a' + byte(r.Uint32()%26)
		}
		files[i] = File{Path: fmt.Sprintf("grafana/dashboards/folder-%02d/board-%04d.json", i/20, i), Data: data}
	}
	return files
}

func mustWrite(tb testing.TB, dir string, files []File) Report {
	tb.Helper()
	r, err := Write(dir, files, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
