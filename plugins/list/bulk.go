package list

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// MaxChosen bounds the rows that [List.Chosen] reads; acts on more are for auth.Tasks.
const MaxChosen = 1000

// Errors of acts on many.
var (
	ErrNothingChosen = auth.E(http.StatusUnprocessableEntity, "NOTHING_CHOSEN", "Nothing was selected.")
	ErrTooMany       = auth.E(http.StatusUnprocessableEntity, "TOO_MANY_CHOSEN", "At most 1,000 rows at once. Narrow the list with filters.")
)

// ErrGone is what an act answers for an id that names nothing in the list: nothing any
// more, or something elsewhere, which is not told apart.
var ErrGone = errors.New("not in the list any more")

// Gone says how many of the chosen rows are not in the list any more.
func Gone(n int) words.Text {
	return words.N(n, "One is not there any more.", "%d are not there any more.")
}

// Chosen are the ids that the form of an act means: those posted, each once, or with
// all=on those of every row that the filter of the form matches. What they name is the
// act's affair: posted ids may be of anything.
func (l *List[T]) Chosen(c *plugins.Call) ([]string, error) {
	ids := c.Request.PostForm["id"]
	if c.Form("all") == "on" {
		ids = nil
		for row, err := range l.Each(c.Context(), l.sent(c)) {
			if err != nil {
				return nil, err
			}
			if ids = append(ids, l.Row(row).ID); len(ids) > MaxChosen {
				break
			}
		}
	}
	slices.Sort(ids)
	switch ids = slices.Compact(ids); {
	case len(ids) == 0:
		return nil, ErrNothingChosen
	case len(ids) > MaxChosen:
		return nil, ErrTooMany
	}
	return ids, nil
}

// Do makes the handler of an act that is carried out row by row, without asking first.
// Rows that do refuses as forbidden (403) or reports false for are left out; says tells
// how many were done and left. Those for which it returns ErrGone are told apart.
func (l *List[T]) Do(do func(ctx context.Context, id string) (bool, error), says func(done, left int) words.Text) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		ids, err := l.Chosen(c)
		if errors.Is(err, ErrNothingChosen) || errors.Is(err, ErrTooMany) {
			c.Flash("warn", auth.AsError(err).Message)
			return c.SeeOther(l.Back(c))
		}
		if err != nil {
			return err
		}
		done, gone := 0, 0
		for _, id := range ids {
			switch ok, err := do(c.Context(), id); {
			case errors.Is(err, ErrGone):
				gone++
			case err != nil && auth.AsError(err).Status != http.StatusForbidden:
				return err
			case err == nil && ok:
				done++
			}
		}
		tone := "good"
		if done == 0 {
			tone = "warn"
		}
		var said []words.Text
		if gone < len(ids) {
			said = append(said, says(done, len(ids)-done-gone))
		}
		if gone > 0 {
			said = append(said, Gone(gone))
		}
		c.Flash(tone, words.Join(" ", said...))
		return c.SeeOther(l.Back(c))
	}
}

// sent is the query in the form of an act; anything but one is that of the whole list.
func (l *List[T]) sent(c *plugins.Call) Query {
	values, err := url.ParseQuery(c.Form("filter"))
	if err != nil {
		values = nil
	}
	q := l.Read(c.Context(), values)
	q.about(c)
	return q
}

// Back is the address that the form of an act was sent from, on its first page.
func (l *List[T]) Back(c *plugins.Call) string { return l.at(c).address(l.sent(c)) }

// Each yields all rows of a query, read some hundred at a time.
func (l *List[T]) Each(ctx context.Context, q Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q.Cursor, q.Limit = "", exportPage
		for {
			page, err := l.Load(ctx, q)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Rows {
				if !yield(row, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}
