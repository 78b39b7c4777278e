package schema_test

import (
	"net/url"
	"testing"

	"gatehouse/auth/schema"
)

// TestIllFormed: what is not UTF-8 is replaced, wherever text comes percent-encoded.
func TestIllFormed(t *testing.T) {
	given := url.Values{"one": {"a\xffb"}, "two": {"\xfe", "c"}}
	if got, _ := schema.QueryValue(given).Get("one").Text(); got != "a\uFFFDb" {
		t.Errorf("query: %q", got)
	}
	if got := schema.QueryValue(given).Get("two").Items(); len(got) != 2 {
		t.Errorf("list: %v", got)
	} else if text, _ := got[0].Text(); text != "\uFFFD" {
		t.Errorf("list: %q", text)
	}
	if got, _ := schema.FormValue(given).Get("one").Text(); got != "a\uFFFDb" {
		t.Errorf("form: %q", got)
	}
}
