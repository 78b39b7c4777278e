package cookie

import (
	"slices"
	"strconv"

	"gatehouse/auth/text"
)

const (
	maxLine   = 4050 // characters of name, value and attributes
	maxPieces = 100
)

// Jar is the ordered list of a response's Set-Cookie lines, at most one per
// name. It belongs to one request and is not safe for concurrent use.
type Jar struct {
	received Received
	out      []Cookie
}

// NewJar starts an empty list; received tells which pieces the browser holds.
func NewJar(received Received) *Jar { return &Jar{received: received} }

// Received is what the browser sent.
func (j *Jar) Received() Received { return j.received }

// Set appends c and drops an earlier line of the same name.
func (j *Jar) Set(c Cookie) {
	j.drop(func(name string) bool { return name == c.Name })
	j.out = append(j.out, c)
}

// SetChunked appends c, cut into <name>.0, <name>.1, … when its line would be
// longer than 4050 characters, after expiring what the browser holds of it
// otherwise (better-auth core 5.5). A value of more than 100 pieces, or too
// long and in need of encoding, is left out: false.
func (j *Jar) SetChunked(c Cookie) bool {
	pieces, ok := cut(c)
	j.dropWhole(c.Name)
	held := j.received.Pieces(c.Name)
	if _, base := j.received.Get(c.Name); base {
		held = append([]string{c.Name}, held...)
	}
	for _, name := range held {
		if !slices.ContainsFunc(pieces, func(p Cookie) bool { return p.Name == name }) {
			j.expire(c, name)
		}
	}
	j.out = append(j.out, pieces...)
	return ok
}

// Expire deletes c: lines set before for its name or pieces are removed and
// one with the same attributes, no value and Max-Age=0 follows (better-auth
// core 5.6).
func (j *Jar) Expire(c Cookie) {
	j.dropWhole(c.Name)
	j.expire(c, c.Name)
}

// ExpirePieces deletes the received pieces of c.
func (j *Jar) ExpirePieces(c Cookie) {
	for _, name := range j.received.Pieces(c.Name) {
		j.expire(c, name)
	}
}

// ExpireAll deletes c and its received pieces.
func (j *Jar) ExpireAll(c Cookie) {
	j.Expire(c)
	j.ExpirePieces(c)
}

// Has reports whether a line of that name with a value is in the jar.
func (j *Jar) Has(name string) bool {
	return slices.ContainsFunc(j.out, func(c Cookie) bool { return c.Name == name && c.MaxAge >= 0 })
}

// Lines are the values of the Set-Cookie headers, in order.
func (j *Jar) Lines() []string {
	out := make([]string, len(j.out))
	for i, c := range j.out {
		out[i] = c.String()
	}
	return out
}

func (j *Jar) expire(c Cookie, name string) {
	j.drop(func(n string) bool { return n == name })
	c.Name = name
	j.out = append(j.out, c.deleted())
}

// dropWhole removes the lines of name and of its pieces.
func (j *Jar) dropWhole(name string) {
	j.drop(func(n string) bool {
		_, piece := pieceNumber(n, name)
		return n == name || piece
	})
}

func (j *Jar) drop(match func(name string) bool) {
	j.out = slices.DeleteFunc(j.out, func(c Cookie) bool { return match(c.Name) })
}

// cut divides c into the cookies that carry it; ok is false when it cannot.
func cut(c Cookie) (pieces []Cookie, ok bool) {
	if len(c.String()) <= maxLine {
		return []Cookie{c}, true
	}
	widest := c
	widest.Name, widest.Value = c.Name+".99", ""
	size := maxLine - len(widest.String())
	if size <= 0 || len(c.Value) > size*maxPieces || text.EscapeURI(c.Value) != c.Value {
		return nil, false
	}
	for rest := c.Value; rest != ""; {
		n := min(size, len(rest))
		p := c
		p.Name, p.Value = c.Name+"."+strconv.Itoa(len(pieces)), rest[:n]
		pieces, rest = append(pieces, p), rest[n:]
	}
	return pieces, true
}
