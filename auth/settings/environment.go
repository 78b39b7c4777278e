package settings

import (
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"gatehouse/auth/words"
)

// fromEnvironment reads the variables that concern settings from a list of
// NAME=value. An alias with an empty value counts as not set.
func (c *collection) fromEnvironment(environ []string) {
	sorted := slices.Clone(environ)
	slices.SortStableFunc(sorted, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	for i, line := range sorted {
		name, value, ok := strings.Cut(line, "=")
		if !ok || i+1 < len(sorted) && strings.HasPrefix(sorted[i+1], name+"=") {
			continue // of a repeated name the last counts, as for os.Getenv
		}
		c.variable(name, value)
	}
}

func (c *collection) variable(name, value string) {
	place := Source("environment " + name)
	v, known := c.index.variables[name]
	switch {
	case known && v.alias && value == "":
	case known && v.file:
		c.secretFile(v.leaf, value, place)
	case known:
		c.add(v.leaf, textEntry(value, place))
	case !strings.HasPrefix(name, Product+"_"):
	case injected(name, value):
		c.warn(Problem{Place: string(place), Text: "looks like a container link and is ignored"})
	default:
		c.problem(Problem{Place: string(place), Text: "no setting has this name", Fix: c.index.suggestEnv(name)})
	}
}

// secretFile reads the secret from the file that the variable names. One line
// end at its end is not part of the secret.
func (c *collection) secretFile(l *leaf, path string, place Source) {
	text, err := readSecret(path)
	if err != nil {
		c.problem(Problem{Key: l.key, Place: string(place), Text: words.OfError(err)})
		return
	}
	c.add(l, textEntry(text, place))
}

func readSecret(path string) (string, error) {
	data, mode, err := readFile(path, maxText)
	if err != nil {
		return "", err
	}
	if readByAll(mode) && !mounted(path) {
		return "", words.Err(words.F("the file %s can be read by everyone; chmod o-r it", path))
	}
	text := strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}

// mounted reports whether the file lies where container runtimes mount
// secrets, with mode 0444 and visible to the container alone.
func mounted(path string) bool {
	return strings.HasPrefix(path, "/run/secrets/") || strings.HasPrefix(path, "/var/run/secrets/")
}

func readByAll(mode os.FileMode) bool { return runtime.GOOS != "windows" && mode.Perm()&0o004 != 0 }

// readFile reads a regular file of at most limit bytes.
func readFile(path string, limit int) ([]byte, os.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, unreadable(err)
	}
	if info.IsDir() {
		return nil, 0, words.Err(words.F("%s is a folder, not a file", path))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, unreadable(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return nil, 0, unreadable(err)
	}
	if len(data) > limit {
		return nil, 0, words.Err(words.F("the file %s is longer than %s", path, Size(limit)))
	}
	return data, info.Mode(), nil
}

// unreadable keeps what the system says of a file, which has no other language.
func unreadable(err error) error {
	return words.Because(err, words.F("cannot read the file: %s", err.Error()))
}
