package console

import (
	"encoding/json"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/secret"
)

// pageMark is where a page of a list begins: after the row with this time and id. Row
// is how many rows came before it.
type pageMark struct {
	At  time.Time `json:"at"`
	ID  string    `json:"id"`
	Row int       `json:"row"`
}

// markPurpose separates page marks from everything else that is sealed.
const markPurpose = "console-page"

// errMark refuses an address of a page that this server did not make (SEC-119).
var errMark = auth.E(http.StatusBadRequest, "INVALID_PAGE", "This address of a page is not valid.")

// seal makes the mark opaque and unchangeable.
func (m pageMark) seal(keys *secret.Ring) string {
	raw, err := json.Marshal(m)
	if err != nil {
		return "" // cannot be: a time, a text and a number
	}
	return keys.Seal(markPurpose, string(raw))
}

// openPage reads a mark; the empty text is the first page.
func openPage(keys *secret.Ring, text string) (pageMark, error) {
	var m pageMark
	if text == "" {
		return m, nil
	}
	raw, err := keys.Open(markPurpose, text)
	if err != nil {
		return m, errMark
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return m, errMark
	}
	return m, nil
}
