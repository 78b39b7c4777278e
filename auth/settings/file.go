package settings

import (
	"errors"
	"maps"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"gatehouse/auth/words"
)

// maxFile bounds the configuration file in bytes.
const maxFile = 1 << 18

// File is the configuration file. With Data it is not read from disk.
type File struct {
	Path string
	Data []byte
	// Optional lets a file that does not exist count as empty.
	Optional bool
}

// fromFile reads the configuration file.
func (c *collection) fromFile(f File) {
	if f.Path == "" && f.Data == nil {
		return
	}
	place := Source("file " + f.Path)
	data := f.Data
	if data == nil {
		read, mode, err := readFile(f.Path, maxFile)
		if errors.Is(err, os.ErrNotExist) && f.Optional {
			return
		}
		if err != nil {
			c.problem(Problem{Place: string(place), Text: words.OfError(err)})
			return
		}
		data, c.openFile = read, readByAll(mode)
	}
	if len(data) > maxFile {
		c.problem(Problem{Place: string(place), Text: words.F("is longer than %s", Size(maxFile))})
		return
	}
	var document map[string]any
	if err := toml.Unmarshal(data, &document); err != nil {
		c.problem(Problem{Place: string(place), Text: position("is not TOML", err, 0), Fix: syntaxHint(err)})
		return
	}
	w := fileWalk{collection: c, place: place, lines: keyLines(data)}
	w.table(document, "")
}

// syntaxHint is the parser's word on what it met. It names the construct and
// never a value.
func syntaxHint(err error) words.Text {
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) && len(syntax.Key()) > 0 {
		return words.F("look at the key %s", syntax.Key()[len(syntax.Key())-1])
	}
	return "texts need quotes, tables a line [name]"
}

// fileWalk goes through the document and takes the values of settings.
type fileWalk struct {
	*collection
	place Source
	lines map[string]int
}

// at gives the place of a key, or of the table that holds it.
func (w *fileWalk) at(key string) Source {
	for ; key != ""; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
		if line := w.lines[key]; line > 0 {
			return w.place + Source(":"+strconv.Itoa(line))
		}
	}
	return w.place
}

func (w *fileWalk) table(table map[string]any, prefix string) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := join(prefix, name)
		l := w.index.leaves[key]
		inner, isTable := table[name].(map[string]any)
		switch {
		case key == ConfigKey && l != nil:
			w.problem(Problem{Key: key, Place: string(w.at(key)), Text: "names the file itself and cannot stand in it"})
		case l != nil:
			w.value(l, table[name])
		case w.index.within(key) && isTable:
			w.table(inner, key)
		case w.index.within(key):
			w.problem(Problem{Key: key, Place: string(w.at(key)), Text: "must be a table"})
		case isTable:
			w.problem(Problem{Key: key, Place: string(w.at(key)), Text: "no table has this name", Fix: suggestion(key, w.index.tables())})
		default:
			w.problem(Problem{Key: key, Place: string(w.at(key)), Text: "no setting has this name", Fix: suggestion(key, w.index.keys)})
		}
	}
}

func (w *fileWalk) value(l *leaf, value any) {
	place := w.at(l.key)
	w.add(l, entry{place: place, value: value})
	if l.secret && w.openFile {
		w.warn(Problem{Key: l.key, Place: string(place), Text: "stands in a file that everyone can read", Fix: "chmod o-r it"})
	}
}

// keyLines finds the line on which each key of a valid document first stands.
func keyLines(data []byte) map[string]int {
	starts := lineStarts(data)
	lines := map[string]int{}
	note := func(prefix string, it unstable.Iterator) string {
		for it.Next() {
			node := it.Node()
			prefix = join(prefix, string(node.Data))
			if _, seen := lines[prefix]; !seen {
				lines[prefix] = sort.SearchInts(starts, int(node.Raw.Offset)+1)
			}
		}
		return prefix
	}
	var parser unstable.Parser
	parser.Reset(data)
	current := ""
	for parser.NextExpression() {
		switch node := parser.Expression(); node.Kind {
		case unstable.Table, unstable.ArrayTable:
			current = note("", node.Key())
		case unstable.KeyValue:
			note(current, node.Key())
		}
	}
	return lines
}

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
