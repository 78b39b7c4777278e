package settings

import "strings"

// SplitArgs parts the arguments of a command line into those that set settings
// and the rest, for a command parser. Settings are flags whose name is a key of
// the groups, and all other flags with a dot in their name, which Load will
// refuse with a suggestion. A flag takes its value after "=" or from the next
// argument; a bool may stand alone. What follows "--" is never a setting.
func SplitArgs(args []string, groups ...Group) (settings, rest []string) {
	x := newIndex(groups)
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return settings, append(rest, args[i:]...)
		}
		name, given := flagName(args[i])
		l := x.leaves[name]
		if l == nil && !strings.Contains(name, ".") {
			rest = append(rest, args[i])
			continue
		}
		settings = append(settings, args[i])
		if !given && i+1 < len(args) && takes(l, args[i+1]) {
			i++
			settings = append(settings, args[i])
		}
	}
	return settings, rest
}

// flagName gives the name of "--name" or "--name=value", else "".
func flagName(arg string) (name string, given bool) {
	body, found := strings.CutPrefix(arg, "--")
	if !found {
		return "", false
	}
	name, _, given = strings.Cut(body, "=")
	return name, given
}

// takes reports whether a flag without "=" takes the next argument.
func takes(l *leaf, next string) bool {
	switch {
	case l == nil:
		return !strings.HasPrefix(next, "-")
	case l.kind == Bool:
		return next == "true" || next == "false"
	}
	return !strings.HasPrefix(next, "--")
}

// fromFlags reads arguments of the form SplitArgs gives.
func (c *collection) fromFlags(args []string) {
	for i := 0; i < len(args); i++ {
		name, given := flagName(args[i])
		place := Source("flag --" + name)
		l := c.index.leaves[name]
		switch {
		case name == "":
			c.problem(Problem{Place: "command line", Text: "an argument is no flag"})
			continue
		case l == nil:
			c.problem(Problem{Place: string(place), Text: "no setting has this name", Fix: c.suggestFlag(name)})
			if !given && i+1 < len(args) && takes(nil, args[i+1]) {
				i++
			}
			continue
		}
		_, value, _ := strings.Cut(args[i], "=")
		switch {
		case given:
		case i+1 < len(args) && takes(l, args[i+1]):
			i++
			value = args[i]
		case l.kind == Bool:
			value = "true"
		default:
			c.problem(Problem{Key: l.key, Place: string(place), Text: "needs a value", Fix: "write --" + name + "=VALUE"})
			continue
		}
		c.add(l, textEntry(value, place))
	}
}

func (c *collection) suggestFlag(name string) string {
	if near := nearest(name, c.index.keys); near != "" {
		return "did you mean --" + near + "?"
	}
	return ""
}
