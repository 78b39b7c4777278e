// Package chrome drives headless Chromium for the journeys and the screenshots: real
// input events, accessibility checks by axe-core, reports of the content security
// policy.
package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gatehouse/e2e/product"
)

// patience bounds every wait for a page.
const patience = 45 * time.Second

// Browser is a running Chromium.
type Browser struct {
	ctx    context.Context
	cancel context.CancelFunc
	dir    string
}

// Open starts Chromium. Close it.
func Open() (*Browser, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gatehouse-chrome-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	b := &Browser{ctx: ctx, dir: dir, cancel: func() { cancel(); stop() }}
	// The first call starts the browser and must not carry a timeout.
	if err := chromedp.Do(ctx); err != nil {
		b.Close()
		return nil, fmt.Errorf("starting chromium: %w", err)
	}
	return b, nil
}

func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium found; install the package chromium")
}

// Close ends the browser.
func (b *Browser) Close() {
	b.cancel()
	_ = os.RemoveAll(b.dir)
}

// Tab is a page in a browser context of its own: no cookies are shared.
type Tab struct {
	ctx    context.Context
	cancel context.CancelFunc
	base   string
	mu     sync.Mutex
	said   []string // errors in the console
}

// Tab opens a tab for a server.
func (b *Browser) Tab(base string) (*Tab, error) {
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t := &Tab{ctx: ctx, cancel: cancel, base: base}
	// Reports are collected by an event listener of the page: code run by the debugger
	// is exempt from the policy while it runs.
	const collect = `window.__policy = []; document.addEventListener('securitypolicyviolation', (e) => window.__policy.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber));`
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: collect})
		return err
	}))
	if err != nil {
		cancel()
		return nil, err
	}
	go t.listen(chromedp.Console(ctx))
	return t, nil
}

// listen keeps errors of the console until the tab is closed. A status that is not 2xx
// is an answer to look at, no error of the page.
func (t *Tab) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			if t.ctx.Err() == nil {
				t.say("the console is not heard any more: " + err.Error())
			}
			return
		}
		if m.Source == "network" || !m.IsException() && m.Type != chromedp.ConsoleError {
			continue
		}
		t.say(fmt.Sprintf("%s (%s:%d)", m.Text, m.URL, m.Line))
	}
}

func (t *Tab) say(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, text)
}

// Errors returns the errors that came to the console since it was last asked: exceptions
// that nothing caught, and what the browser refused.
func (t *Tab) Errors() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	said := t.said
	t.said = nil
	return said
}

// Close closes the tab.
func (t *Tab) Close() { t.cancel() }

func (t *Tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Go opens a path of the server, or a whole URL.
func (t *Tab) Go(path string) error {
	if strings.HasPrefix(path, "/") {
		path = t.base + path
	}
	if err := t.do(chromedp.Navigate(path)); err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	return nil
}

// Fill types into the field of a name, replacing what is there.
func (t *Tab) Fill(name, text string) error {
	found, err := Eval[bool](t, fmt.Sprintf(`(() => {
		document.querySelectorAll('[data-fill]').forEach((e) => e.removeAttribute('data-fill'));
		const open = [...document.querySelectorAll('dialog[open]')].at(-1) || document;
		const field = [...open.querySelectorAll('input, textarea')].find((e) => e.name === %q && e.type !== 'hidden' && e.checkVisibility());
		field?.setAttribute('data-fill', '');
		return Boolean(field);
	})()`, name))
	if err != nil || !found {
		return fmt.Errorf("no field %s to fill in (%w)", name, err)
	}
	// An area without text has nothing that could be cleared.
	sel := chromedp.CSS(`[data-fill]`)
	filled, err := Eval[bool](t, `document.querySelector('[data-fill]').value !== ''`)
	if err == nil && filled {
		err = t.do(chromedp.Clear(sel))
	}
	if err == nil {
		err = t.do(chromedp.SendKeys(sel, text))
	}
	if err != nil {
		return fmt.Errorf("filling %s: %w", name, err)
	}
	return nil
}

// Choose sets a select, radio or check box, in the open dialog if it has one of the name;
// "false" takes the mark out of a check box.
func (t *Tab) Choose(name, value string) error {
	found, err := Eval[bool](t, fmt.Sprintf(`(() => {
		const open = [...document.querySelectorAll('dialog[open]')].at(-1);
		const named = [...document.getElementsByName(%q)];
		const all = open && named.some((e) => open.contains(e)) ? named.filter((e) => open.contains(e)) : named;
		const box = all.find((e) => (e.type === 'radio' || e.type === 'checkbox') && e.value === %q) ||
			(%q === 'true' && all.find((e) => e.type === 'checkbox'));
		if (box) { if (!box.checked) box.click(); return true; }
		const off = %q === 'false' && all.find((e) => e.type === 'checkbox');
		if (off) { if (off.checked) off.click(); return true; }
		const list = all.find((e) => e.tagName === 'SELECT');
		if (!list) return false;
		list.value = %q;
		for (const name of ['input', 'change']) list.dispatchEvent(new Event(name, { bubbles: true }));
		return list.value === %q;
	})()`, name, value, value, value, value, value))
	if err != nil || !found {
		return fmt.Errorf("choosing %s in %s: found %v, %w", value, name, found, err)
	}
	return nil
}

// Drop takes the mark off the check box of a name and value.
func (t *Tab) Drop(name, value string) error {
	found, err := Eval[bool](t, fmt.Sprintf(`(() => {
		const box = [...document.getElementsByName(%q)].find((e) => e.type === 'checkbox' && e.value === %q);
		if (box?.checked) box.click();
		return Boolean(box);
	})()`, name, value))
	if err != nil || !found {
		return fmt.Errorf("dropping %s in %s: found %v, %w", value, name, found, err)
	}
	return nil
}

// Press clicks the visible button or link of a text and waits for the page that follows.
func (t *Tab) Press(text string) error {
	if err := t.mark(text); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(`[data-press]`))))
	if err != nil {
		return fmt.Errorf("pressing %q: %w", text, err)
	}
	return nil
}

// Click clicks the visible button of a text that opens something on the same page.
func (t *Tab) Click(text string) error {
	if err := t.mark(text); err != nil {
		return err
	}
	return t.do(chromedp.Click(chromedp.CSS(`[data-press]`)))
}

// mark finds what a person would press: in the topmost open dialog or menu if there is
// one, exact text before a part of it.
func (t *Tab) mark(text string) error {
	found, err := Eval[string](t, fmt.Sprintf(`(() => {
		document.querySelectorAll('[data-press]').forEach((e) => e.removeAttribute('data-press'));
		const shown = (e) => !e.disabled && e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && e.getClientRects().length > 0;
		const words = (e) => (e.getAttribute('aria-label') || e.innerText || e.value || '').replace(/\s+/g, ' ').trim();
		const open = [...document.querySelectorAll('dialog[open], [popover]:popover-open')].at(-1);
		for (const root of open ? [open, document] : [document]) {
			const all = [...root.querySelectorAll('button, a[href], summary, input[type=submit]')].filter(shown);
			const hit = all.find((e) => words(e) === %q) || all.find((e) => words(e).startsWith(%q)) || all.find((e) => words(e).includes(%q));
			if (hit) { hit.setAttribute('data-press', ''); hit.scrollIntoView({ block: 'center', behavior: 'instant' }); return ''; }
		}
		return [...document.querySelectorAll('button, a[href], summary')].filter(shown).map(words).join(' | ');
	})()`, text, text, text))
	if err != nil {
		return err
	}
	if found != "" {
		return fmt.Errorf("nothing to press says %q; there is: %s", text, found)
	}
	return t.still()
}

// still waits until what is marked to be pressed has stopped moving and lies open, as a
// menu or a dialog that is coming up would be hit beside the button. It gives up after
// two seconds and lets the press show what is wrong.
func (t *Tab) still() error {
	last, same := "", 0
	for range 100 {
		at, err := Eval[string](t, `(() => {
			const e = document.querySelector('[data-press]');
			if (!e) return '';
			const box = e.getBoundingClientRect();
			const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
			return top && e.contains(top) ? [box.x, box.y, box.width, box.height].join() : '';
		})()`)
		if err != nil {
			return err
		}
		if at != "" && at == last {
			same++
		} else {
			same = 0
		}
		if last = at; same == 2 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// Keys sends keys to the focused element, each as a keyboard does: what a key types
// comes with its press, so that a press that was taken types nothing.
func (t *Tab) Keys(keys string) error { return t.do(typed(keys)) }

// KeysOn sends keys and waits for the page that follows.
func (t *Tab) KeysOn(keys string) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, typed(keys)))
	return err
}

func typed(keys string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, key := range keys {
			steps := kb.Encode(key)
			down, up := *steps[0], *steps[len(steps)-1]
			if len(steps) == 3 {
				down.Text, down.UnmodifiedText = steps[1].Text, steps[1].UnmodifiedText
			}
			for _, step := range []input.DispatchKeyEventParams{down, up} {
				if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, step); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Upload chooses a file in the field of a name.
func (t *Tab) Upload(name, file string) error {
	return t.do(chromedp.SetUploadFiles(chromedp.CSS(fmt.Sprintf(`input[type=file][name=%q]`, name)), []string{file}))
}

// Download presses what says text and returns the file that comes.
func (t *Tab) Download(text string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gatehouse-download-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := t.mark(text); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	notify := true
	_, err = chromedp.CallBrowser(ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow,
		BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID, DownloadPath: dir, EventsEnabled: &notify})
	if err != nil {
		return nil, err
	}
	progress := chromedp.BrowserEvents(ctx, cdpbrowser.DownloadProgress)
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`[data-press]`))); err != nil {
		return nil, err
	}
	for p, err := range progress {
		if err != nil {
			return nil, fmt.Errorf("downloading by %q: %w", text, err)
		}
		if p.State != cdpbrowser.DownloadProgressStateInProgress {
			break
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("downloaded %v, %w", files, err)
	}
	return os.ReadFile(files[0])
}

// Text is the visible text of the page.
func (t *Tab) Text() (string, error) { return Eval[string](t, `document.body.innerText`) }

// FrameText is the visible text of the frame in the page, also of one that scripts of the
// page cannot reach. Such a frame is a page of its own to the browser.
func (t *Tab) FrameText() (string, error) {
	text, err := Eval[string](t, `document.querySelector('iframe')?.contentDocument?.body?.innerText ?? ''`)
	if err != nil || text != "" {
		return text, err
	}
	targets, err := chromedp.Targets(t.ctx)
	if err != nil {
		return "", err
	}
	for _, info := range targets {
		if info.Type == "iframe" && info.ParentID == chromedp.FromContext(t.ctx).Target.TargetID {
			ctx, cancel := chromedp.NewContext(t.ctx, chromedp.WithTargetID(info.TargetID), chromedp.WithDetachOnCancel())
			defer cancel()
			ctx, stop := context.WithTimeout(ctx, patience)
			defer stop()
			return chromedp.Run(ctx, chromedp.Evaluate[string](`document.body?.innerText ?? ''`))
		}
	}
	return "", errors.New("the page has no frame")
}

// Until waits at most so long for an expression of the page to hold.
func (t *Tab) Until(expression string, within time.Duration) error {
	for end := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		ok, err := Eval[bool](t, "!!("+expression+")")
		if ok && err == nil {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(fmt.Errorf("does not hold: %s", expression), err)
		}
	}
}

// Path is the path and query of the page.
func (t *Tab) Path() (string, error) { return Eval[string](t, `location.pathname + location.search`) }

// URL is the address of the page.
func (t *Tab) URL() (string, error) { return Eval[string](t, `location.href`) }

// Eval runs an expression in the page, and waits for what it promises.
func Eval[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Policy returns the reports of the content security policy on this page.
func (t *Tab) Policy() ([]string, error) { return Eval[[]string](t, `window.__policy || []`) }

// Theme makes the page see a colour scheme of the device.
func (t *Tab) Theme(scheme string) error {
	err := t.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	}))
	if err != nil {
		return err
	}
	return t.Painted() // colours must have settled before they are measured
}

// Painted waits until the page is painted and nothing moves on it.
func (t *Tab) Painted() error {
	_, err := Eval[bool](t, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
		Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0))).then(() => done(true)))))`)
	return err
}

// Scripts switches JavaScript of the page on or off, from the next page on.
func (t *Tab) Scripts(on bool) error {
	return t.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// Size sets the size of the view in CSS pixels.
func (t *Tab) Size(width, height int64) error { return t.do(chromedp.EmulateViewport(width, height)) }

// Picture takes a PNG of the whole page.
func (t *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.FullScreenshot(100))
}

// Violation is one rule of axe that a page breaks.
type Violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// String says what is wrong and where.
func (v Violation) String() string {
	where := make([]string, 0, len(v.Nodes))
	for _, n := range v.Nodes {
		where = append(where, n.HTML+" ("+strings.ReplaceAll(n.Summary, "\n", " ")+")")
	}
	return v.ID + ": " + v.Help + "\n    " + strings.Join(where, "\n    ")
}

// Axe checks the accessibility of the page as it is drawn now: by all rules, or by those
// named.
func (t *Tab) Axe(rules ...string) ([]Violation, error) {
	there, err := Eval[bool](t, `'axe' in window`)
	if err != nil {
		return nil, err
	}
	if !there {
		source, err := os.ReadFile(filepath.Join(product.Root(), "e2e", "client", "node_modules", "axe-core", "axe.min.js"))
		if err != nil {
			return nil, fmt.Errorf("axe-core is missing, run npm ci in e2e/client: %w", err)
		}
		if _, err := Eval[bool](t, string(source)+";true"); err != nil {
			return nil, fmt.Errorf("loading axe: %w", err)
		}
	}
	options := map[string]any{"resultTypes": []string{"violations"}}
	if len(rules) > 0 {
		options["runOnly"] = rules
	}
	asked, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	text, err := Eval[string](t, `axe.run(document, `+string(asked)+`).then((r) => JSON.stringify(r.violations))`)
	if err != nil {
		return nil, fmt.Errorf("running axe: %w", err)
	}
	var list []Violation
	err = json.Unmarshal([]byte(text), &list)
	return list, err
}

// Overflow is how many pixels the page is wider than the view.
func (t *Tab) Overflow() (int, error) {
	return Eval[int](t, `Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)`)
}
