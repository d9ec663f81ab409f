package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/file"
	"github.com/obsgen/obsgen/preview"
	"github.com/obsgen/obsgen/simulate"
)

func newSnapshot(env *Env) *cobra.Command {
	var f cli.SnapshotFlags
	cmd := cli.SnapshotCommand(&f, func(cmd *cobra.Command, args []string) error { return snapshot(cmd.Context(), env, &f, args) })
	cmd.Flags().StringVar(&f.Dir, "dir", "", "where obsgen puts what is shown")
	return cmd
}

// The time stands still, at a noon, so that the same project gives the same picture.
var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// timeline is the page that is a picture of its own: when which alerts fire in the scenario.
const timeline = "timeline"

// takeTimeline writes when the alerts fire that do, as SVG, up to the moment at which the other pictures are taken.
func takeTimeline(ctx context.Context, env *Env, f *cli.SnapshotFlags, now *shown) error {
	end := noon
	for _, s := range now.handed.Scenarios.Scenarios {
		if s.Name == f.Scenario && f.At > 0 {
			end = noon.Add(time.Duration(s.Lasts) - f.At)
		}
	}
	past, err := simulate.OpenScenario(&now.handed.Scenarios, f.Scenario, end, 0, now.handed.Features)
	if err != nil {
		return err
	}
	defer func() { _ = past.Close() }() // it was only read
	from, _, _ := past.Bounds()
	tested, err := now.rules.Backtest(ctx, past, from, noon, nil)
	if err != nil {
		return err
	}
	var rows []simulate.Row
	for _, t := range tested {
		if len(t.Spans) > 0 {
			rows = append(rows, simulate.Row{Name: t.Alert, Severity: t.Severity, Spans: t.Spans})
		}
	}
	var b bytes.Buffer
	if err := simulate.Timeline(&b, fmt.Sprintf("Alerts of %s, of which %d of %d fire", past, len(rows), len(tested)), rows, from, noon); err != nil {
		return err
	}
	at := filepath.Join(f.Out, timeline+".svg")
	said := at
	if f.Diff != "" {
		switch old, err := file.Read(filepath.Join(f.Diff, timeline+".svg")); {
		case errors.Is(err, fs.ErrNotExist):
			said = timeline + ": it is new"
		case err != nil:
			return err
		case bytes.Equal(old, b.Bytes()):
			said = timeline + ": as before"
		default:
			said = timeline + ": it differs: " + at
		}
	}
	fmt.Fprintln(env.Stdout, said)
	return file.Write(at, b.Bytes(), 0o644)
}

// drawnWithin bounds how long a page may take.
const drawnWithin = time.Minute

func snapshot(ctx context.Context, env *Env, f *cli.SnapshotFlags, pages []string) (err error) {
	number, err := file.Read(filepath.Join(f.Dir, cli.CurrentFile))
	if err != nil {
		return cli.Misuse("--dir: %v", err)
	}
	now, err := readShown(f.Dir, string(number), nil)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	if f.Scenario == "" && len(now.handed.Scenarios.Scenarios) > 0 {
		f.Scenario = now.handed.Scenarios.Scenarios[0].Name
	}
	if err := hasScenario(now.handed, f.Scenario); err != nil {
		return err
	}
	boards, err := now.boards()
	if err != nil {
		return cli.Misuse("%v", err)
	}
	if len(pages) == 0 {
		pages = boards
	}
	if err := os.MkdirAll(f.Out, 0o755); err != nil {
		return cli.Misuse("%v", err)
	}
	if slices.Contains(pages, timeline) {
		if err := takeTimeline(ctx, env, f, now); err != nil {
			return cli.Misuse("%s: %v", timeline, err)
		}
		if pages = slices.DeleteFunc(pages, func(p string) bool { return p == timeline }); len(pages) == 0 {
			return nil // for which there need be no browser
		}
	}
	server := preview.New(f.At, func() time.Time { return noon }, func(ctx context.Context, name string, at time.Duration, clock *simulate.Clock) (preview.Feed, error) {
		return now.rules.ServeScenario(ctx, &now.handed.Scenarios, name, simulate.ServeOptions{History: 90 * time.Minute, At: at, Now: clock.Now})
	})
	if err := server.Show(ctx, now.state, f.Scenario, true); err != nil {
		return cli.Misuse("%v", err)
	}
	defer server.Close()
	listener, hosts, err := listen(ctx, "127.0.0.1:0", nil)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: server.Handler(hosts), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(listener) }() // it ends when it is closed
	defer func() { err = errors.Join(err, web.Close()) }()
	height := f.Height
	if height == 0 {
		height = 1000
	}
	browser, err := preview.OpenBrowser(ctx, f.Width, height)
	if err != nil {
		return cli.Misuse("%v", err)
	}
	defer browser.Close()
	theme := map[bool]string{true: "light", false: "dark"}[f.Light]
	for _, page := range pages {
		at := "/" + page
		for _, b := range boards {
			if b == page {
				at = "/d/" + page
			}
		}
		address := fmt.Sprintf("http://%s%s?theme=%s&from=%d&to=%d&kiosk=1", listener.Addr(), at, theme, noon.Add(-time.Hour).UnixMilli(), noon.UnixMilli())
		if err := browser.Open(address); err != nil {
			return cli.Misuse("%v", err)
		}
		ready := preview.Drawn
		if !strings.HasPrefix(at, "/d/") {
			ready = `document.querySelector("main h1") && document.querySelectorAll("[data-state=loading]").length === 0`
		}
		if err := browser.Until(ready, drawnWithin); err != nil {
			return cli.Misuse("%s: %v", page, err)
		}
		if err := browser.Until("document.fonts.status === 'loaded'", drawnWithin); err != nil {
			return cli.Misuse("%s: %v", page, err)
		}
		time.Sleep(500 * time.Millisecond) // canvases are drawn a moment after their data have come
		if err := take(env, f, browser, page); err != nil {
			return cli.Misuse("%s: %v", page, err)
		}
	}
	return nil
}

func (s *shown) boards() ([]string, error) {
	var state struct {
		Dashboards []struct {
			UID string `json:"uid"`
		} `json:"dashboards"`
	}
	if err := json.Unmarshal(s.state, &state); err != nil {
		return nil, err
	}
	var out []string
	for _, d := range state.Dashboards {
		out = append(out, d.UID)
	}
	return out, nil
}

// take writes the pictures of a page.
func take(env *Env, f *cli.SnapshotFlags, browser *preview.Browser, page string) error {
	name := strings.ReplaceAll(page, "/", "-")
	write := func(name string, data []byte, err error) error {
		if err != nil {
			return err
		}
		at := filepath.Join(f.Out, name+".png")
		if err := file.Write(at, data, 0o644); err != nil {
			return err
		}
		if f.Diff != "" {
			return beside(env, f, name, data)
		}
		fmt.Fprintln(env.Stdout, at)
		return nil
	}
	if len(f.Panels) == 0 {
		data, err := browser.Picture(f.Height == 0, f.Scale)
		return write(name, data, err)
	}
	for _, title := range f.Panels {
		selector := fmt.Sprintf("section.panel[aria-label=%s]", strconv.Quote(title))
		if found, err := browser.Text(fmt.Sprintf("document.querySelector(%s) !== null", strconv.Quote(selector))); err != nil || found != "true" {
			return errors.Join(fmt.Errorf("there is no panel %q in sight", title), err)
		}
		data, err := browser.PictureOf(selector)
		if err := write(name+"-"+slug(title), data, err); err != nil {
			return err
		}
	}
	return nil
}

// beside sets a picture beside the one from before, where they differ: that, this, and what is other in red.
func beside(env *Env, f *cli.SnapshotFlags, name string, data []byte) error {
	old, err := file.Read(filepath.Join(f.Diff, name+".png"))
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(env.Stdout, "%s: it is new\n", name)
		return nil
	}
	if err != nil {
		return err
	}
	before, e1 := png.Decode(bytes.NewReader(old))
	now, e2 := png.Decode(bytes.NewReader(data))
	if err := errors.Join(e1, e2); err != nil {
		return err
	}
	a, b := before.Bounds(), now.Bounds()
	width, height, other := max(a.Dx(), b.Dx()), max(a.Dy(), b.Dy()), 0
	sheet := image.NewRGBA(image.Rect(0, 0, 3*width+40, height))
	draw.Draw(sheet, image.Rect(0, 0, width, height), before, a.Min, draw.Src)
	draw.Draw(sheet, image.Rect(width+20, 0, 2*width+20, height), now, b.Min, draw.Src)
	for y := range height {
		for x := range width {
			if before.At(a.Min.X+x, a.Min.Y+y) != now.At(b.Min.X+x, b.Min.Y+y) {
				other++
				sheet.Set(2*width+40+x, y, color.RGBA{R: 224, G: 47, B: 68, A: 255})
			}
		}
	}
	if other == 0 {
		fmt.Fprintf(env.Stdout, "%s: as before\n", name)
		return nil
	}
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		return err
	}
	at := filepath.Join(f.Out, name+"-diff.png")
	fmt.Fprintf(env.Stdout, "%s: %.1f%% of it differs: %s\n", name, 100*float64(other)/float64(width*height), at)
	return file.Write(at, out.Bytes(), 0o644)
}

// slug writes a title as part of a file's name.
func slug(title string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(title)), "-")
}
