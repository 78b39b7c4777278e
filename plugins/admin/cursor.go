package admin

import (
	"encoding/base64"
	"encoding/json"

	"gatehouse/auth/secret"
)

// cursor is where a page of a list begins. It goes out authenticated, so that nobody
// makes one up (SEC-119); it holds nothing that the list does not show.
type cursor struct {
	Sort string `json:"s"`
	// Value and ID are those of the row at the edge of the page before.
	Value string `json:"v"`
	ID    string `json:"i"`
	Back  bool   `json:"b,omitempty"` // towards the first page
	Hits  string `json:"h,omitempty"` // place in a search
}

const (
	cursorPurpose = "admin page cursor"
	macSize       = 32
	maxCursor     = 2048
)

func (c cursor) seal(keys *secret.Ring) string {
	data, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(keys.MAC(cursorPurpose, data), data...))
}

// openCursor reads a cursor; "" is the first page.
func openCursor(keys *secret.Ring, text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	if len(text) > maxCursor {
		return c, ErrBadCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < macSize || !keys.CheckMAC(cursorPurpose, raw[macSize:], raw[:macSize]) {
		return cursor{}, ErrBadCursor
	}
	if err := json.Unmarshal(raw[macSize:], &c); err != nil {
		return cursor{}, ErrBadCursor
	}
	return c, nil
}
