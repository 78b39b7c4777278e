package webtest

import (
	"strings"
	"testing"
)

func TestFragmentFindsFaults(t *testing.T) {
	tests := []struct{ markup, want string }{
		{`<p style="color:red">x</p>`, "inline style on <p>"},
		{`<button onclick="x()">x</button>`, "inline onclick"},
		{`<script>x()</script>`, "inline <script>"},
		{`<style>x{}</style>`, "inline <style>"},
		{`<input name="a">`, "no label for input a"},
		{`<select name="a"></select>`, "no label for select a"},
		{`<label for="b"></label><input id="b" name="a">`, "no label for input a"},
		{`<label for="x">A</label><input id="x" type="password" name="a">`, "no autocomplete"},
		{`<label for="x">A</label><input id="x" type="password" autocomplete="off" value="s" name="a">`, "written back"},
		{`<i id="x"></i><i id="x"></i>`, "occurs 2 times"},
		{`<a href="javascript:alert(1)">x</a>`, `href="javascript:`},
		{`<img src="https://other.example/x.png" alt="">`, "foreign source"},
		{`<img src="/x.png">`, "without alt"},
		{`<button></button>`, "without a name"},
		{`<i hx-get="/x">x</i>`, "without hx-nonce"},
		{`<button commandfor="d">x</button>`, "points to nothing"},
		{`<form action="/a"><form action="/b"></form></form>`, "form inside a form"},
		{`<form method="post"></form>`, "without action"},
	}
	for _, test := range tests {
		found := strings.Join(Fragment(test.markup), "\n")
		if !strings.Contains(found, test.want) {
			t.Errorf("%s: got %q, want %q", test.markup, found, test.want)
		}
	}
}

func TestGoodMarkupPasses(t *testing.T) {
	page := `<!doctype html><html lang="en"><head><title>t</title><script src="/x.js"></script></head><body><main><h1>t</h1>
<label for="a">A</label><input id="a" name="a"><label>B <input name="b"></label><i hx-get="/x" hx-nonce="n">x</i></main></body></html>`
	if found := Page(page); len(found) > 0 {
		t.Error(found)
	}
}

func TestPageWantsItsFrame(t *testing.T) {
	found := strings.Join(Page(`<p>x</p>`), "\n")
	for _, want := range []string{"0 <h1>", "0 <title>", "0 <main>", "no language", "no doctype"} {
		if !strings.Contains(found, want) {
			t.Errorf("missing %q in %q", want, found)
		}
	}
}
