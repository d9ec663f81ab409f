package preview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// ErrNoBrowser says that there is no Chromium on this machine.
var ErrNoBrowser = errors.New("there is no Chromium or Chrome on this machine; install one, or name it in CHROME")

// Browser is a Chromium without a window, with one page.
type Browser struct {
	ctx   context.Context
	close []func()

	mu     sync.Mutex
	errors []string
}

// OpenBrowser starts a Chromium that is found on the machine, with a page of so many pixels. It asks for nothing from the network
// but what it is told to show.
func OpenBrowser(ctx context.Context, width, height int) (*Browser, error) {
	program := os.Getenv("CHROME")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if program != "" {
			break
		}
		if at, err := exec.LookPath(name); err == nil {
			program = at
		}
	}
	if program == "" {
		return nil, ErrNoBrowser
	}
	dir, err := os.MkdirTemp("", "obsgen-browser")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(dir), chromedp.DisableGPU, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"),
	)
	if os.Geteuid() == 0 { // Chromium refuses its sandbox to root
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(ctx, options...)
	page, end := chromedp.NewContext(alloc)
	b := &Browser{ctx: page, close: []func(){end, stop, func() { _ = os.RemoveAll(dir) }}} // what is left of a folder for a while is the system's to clear
	said := chromedp.Console(page)
	go func() { // it ends with the page
		for m, err := range said {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.IsException() {
				b.mu.Lock()
				b.errors = append(b.errors, m.Text)
				b.mu.Unlock()
			}
		}
	}()
	if err := chromedp.Do(page, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		b.Close()
		return nil, fmt.Errorf("%s does not start: %w", program, err)
	}
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() {
	for _, f := range b.close {
		f()
	}
}

// Errors returns what the page wrote to its console as errors since the last call.
func (b *Browser) Errors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.errors
	b.errors = nil
	return out
}

// Open shows an address.
func (b *Browser) Open(url string) error {
	return chromedp.Do(b.ctx, chromedp.Navigate(url))
}

// Until waits until an expression of JavaScript is true.
func (b *Browser) Until(what string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+what+")"))
		if err == nil && ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the page does not get to %s within %s: %w", what, within, errors.Join(err, ctx.Err()))
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// Drawn is true when panels are there and all of them are drawn, or say why not.
const Drawn = `document.querySelectorAll("[data-panel]").length > 0 && document.querySelectorAll("[data-state=loading]").length === 0`

// Text returns what an expression of JavaScript gives, as text.
func (b *Browser) Text(expression string) (string, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
}

// Do evaluates JavaScript for what it does.
func (b *Browser) Do(script string) error {
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("(() => {"+script+"; return ''})()"))
	return err
}

// Point moves the mouse to a place of the first element that a selector of CSS finds, in parts of its width and height, and
// clicks there if it is to.
func (b *Browser) Point(selector string, right, down float64, click bool) error {
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](fmt.Sprintf("(() => { const e = document.querySelector(%q); if (!e) return []; e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect(); return [b.left + b.width * %g, b.top + b.height * %g] })()", selector, right, down)))
	if err != nil {
		return err
	}
	if len(at) != 2 {
		return fmt.Errorf("there is no %s", selector)
	}
	if err := chromedp.Do(b.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1])); err != nil || !click {
		return err
	}
	return chromedp.Do(b.ctx, chromedp.MouseClickXY(at[0], at[1]))
}

// Keys presses keys, one after the other.
func (b *Browser) Keys(keys string) error { return chromedp.Do(b.ctx, chromedp.KeyEvent(keys)) }

// Picture returns the page as PNG, so many times as large: what is in sight, or with whole all of it.
func (b *Browser) Picture(whole bool, scale float64) ([]byte, error) {
	size := "[innerWidth, innerHeight]"
	if whole {
		size = "[innerWidth, document.documentElement.scrollHeight]"
	}
	box, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](size))
	if err != nil {
		return nil, err
	}
	return chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		yes := true
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatPng, FromSurface: &yes, CaptureBeyondViewport: &whole, Clip: &page.Viewport{Width: box[0], Height: box[1], Scale: scale},
		})
		if err != nil {
			return nil, err
		}
		return r.Data, nil
	})
}

// PictureOf returns the first element that a selector of CSS finds, as PNG.
func (b *Browser) PictureOf(selector string) ([]byte, error) {
	return chromedp.Run(b.ctx, chromedp.Screenshot(chromedp.CSS(selector)))
}

// Troubles returns the panels that are not drawn, with why.
func (b *Browser) Troubles() ([]string, error) {
	text, err := b.Text(`[...document.querySelectorAll("[data-panel]")].filter((p) => p.dataset.state !== "drawn" || p.querySelector(".problem, .nodata")).map((p) => p.dataset.state + ": " + p.querySelector("h3").textContent + " " + (p.querySelector(".problem")?.textContent ?? p.querySelector(".corner")?.title ?? "")).join("\n")`)
	if err != nil || text == "" {
		return nil, err
	}
	return strings.Split(text, "\n"), nil
}
