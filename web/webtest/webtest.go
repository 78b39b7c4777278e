// Package webtest checks rendered pages for what every page must keep: markup
// that the content security policy lets live, and the basics of access.
package webtest

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Page returns what is wrong with a whole page, nothing when all is well. On top
// of [Fragment] it wants one h1, a title, a language, and a main part.
func Page(markup string) []string {
	p := parse(markup)
	p.expectOne("h1")
	p.expectOne("title")
	p.expectOne("main")
	if root := p.first("html"); root == nil || attribute(root, "lang") == "" {
		p.complain("the page has no language")
	}
	if !strings.HasPrefix(markup, "<!doctype html>") && !strings.HasPrefix(markup, "<!DOCTYPE html>") {
		p.complain("the page has no doctype")
	}
	return p.problems
}

// Fragment returns what is wrong with a part of a page: inline script, style or
// handlers, an input without label, an id used twice or referred to and
// missing, a button without a name, an hx- attribute without nonce.
func Fragment(markup string) []string { return parse(markup).problems }

type parsed struct {
	nodes    []*html.Node
	ids      map[string]int
	labels   map[string]bool // ids that a label is for
	problems []string
}

func parse(markup string) *parsed {
	p := &parsed{ids: map[string]int{}, labels: map[string]bool{}}
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		p.complain("not parsable: %v", err)
		return p
	}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode {
			p.nodes = append(p.nodes, node)
			p.note(node)
		}
	}
	for _, node := range p.nodes {
		p.policy(node)
		p.names(node)
		p.references(node)
	}
	if written := strings.Count(strings.ToLower(markup), "<form"); written != p.count("form") {
		p.complain("a form inside a form: %d written, %d understood", written, p.count("form"))
	}
	for id, times := range p.ids {
		if times > 1 {
			p.complain("the id %s occurs %d times", id, times)
		}
	}
	return p
}

func (p *parsed) complain(format string, values ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, values...))
}

// note remembers what other elements may refer to.
func (p *parsed) note(node *html.Node) {
	if id := attribute(node, "id"); id != "" {
		p.ids[id]++
	}
	if node.Data == "label" && strings.TrimSpace(text(node)) != "" {
		p.labels[attribute(node, "for")] = true
	}
}

// policy complains about what a strict content security policy blocks.
func (p *parsed) policy(node *html.Node) {
	if node.Data == "style" || node.Data == "script" && attribute(node, "src") == "" {
		p.complain("inline <%s>", node.Data)
	}
	nonce, hx := false, ""
	for _, a := range node.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			p.complain("inline %s on <%s>", a.Key, node.Data)
		case a.Key == "hx-nonce":
			nonce = a.Val != ""
		case strings.HasPrefix(a.Key, "hx-"):
			hx = a.Key
		}
		if slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) {
			p.address(node, a)
		}
	}
	if hx != "" && !nonce {
		p.complain("%s on <%s> without hx-nonce", hx, node.Data)
	}
}

func (p *parsed) address(node *html.Node, a html.Attribute) {
	value := strings.ToLower(strings.TrimSpace(a.Val))
	if strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text") || strings.HasPrefix(value, "about:invalid") {
		p.complain("%s=%q on <%s>", a.Key, a.Val, node.Data)
	}
	if a.Key == "src" && (strings.HasPrefix(value, "http:") || strings.HasPrefix(value, "https:") || strings.HasPrefix(value, "//")) {
		p.complain("foreign source %q", a.Val)
	}
}

// names complains about controls that a screen reader cannot name.
func (p *parsed) names(node *html.Node) {
	kind := attribute(node, "type")
	switch node.Data {
	case "input":
		if !slices.Contains([]string{"hidden", "submit", "button"}, kind) && !has(node, "hidden") && !p.named(node) {
			p.complain("no label for input %s", attribute(node, "name"))
		}
		if kind == "password" && attribute(node, "autocomplete") == "" {
			p.complain("no autocomplete on password %s", attribute(node, "name"))
		}
		if kind == "password" && attribute(node, "value") != "" {
			p.complain("the password %s is written back", attribute(node, "name"))
		}
	case "select", "textarea":
		if !p.named(node) {
			p.complain("no label for %s %s", node.Data, attribute(node, "name"))
		}
	case "button", "a", "summary":
		if strings.TrimSpace(text(node)) == "" && attribute(node, "aria-label") == "" {
			p.complain("a <%s> without a name", node.Data)
		}
	case "img":
		if !has(node, "alt") {
			p.complain("an image without alt")
		}
	case "form":
		if method := strings.ToLower(attribute(node, "method")); method == "post" && attribute(node, "action") == "" {
			p.complain("a form without action")
		}
	}
}

// named reports whether a control has a label of any kind.
func (p *parsed) named(node *html.Node) bool {
	if attribute(node, "aria-label") != "" || attribute(node, "aria-labelledby") != "" || p.labels[attribute(node, "id")] && attribute(node, "id") != "" {
		return true
	}
	for parent := node.Parent; parent != nil; parent = parent.Parent {
		if parent.Data == "label" {
			return true
		}
	}
	return false
}

// references complains about ids that are pointed to and missing.
func (p *parsed) references(node *html.Node) {
	for _, key := range []string{"aria-describedby", "aria-labelledby", "form", "commandfor", "popovertarget", "for", "data-copy", "data-reveal", "data-dialog"} {
		for _, id := range strings.Fields(attribute(node, key)) {
			if p.ids[id] == 0 {
				p.complain("%s=%s points to nothing", key, id)
			}
		}
	}
}

func (p *parsed) first(name string) *html.Node {
	for _, node := range p.nodes {
		if node.Data == name {
			return node
		}
	}
	return nil
}

// count returns how many HTML elements of a name there are; those of SVG are not
// counted.
func (p *parsed) count(name string) int {
	count := 0
	for _, node := range p.nodes {
		if node.Data == name && node.Namespace == "" {
			count++
		}
	}
	return count
}

func (p *parsed) expectOne(name string) {
	if count := p.count(name); count != 1 {
		p.complain("%d <%s> elements instead of one", count, name)
	}
}

func attribute(node *html.Node, key string) string {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, key string) bool {
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func text(node *html.Node) string {
	var words strings.Builder
	for child := range node.Descendants() {
		if child.Type == html.TextNode {
			words.WriteString(child.Data)
		}
	}
	return words.String()
}
