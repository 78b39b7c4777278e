package settings

import (
	"strings"

	"gatehouse/auth/words"
)

// SplitArgs parts the arguments of a command line into those that set settings
// and the rest, for a command parser. Settings are flags whose name is a key of
// the groups. A flag takes its value after "=" or from the next argument; a bool
// may stand alone. What follows "--" is never a setting.
func SplitArgs(args []string, groups ...Group) (settings, rest []string) {
	x := newIndex(groups)
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return settings, append(rest, args[i:]...)
		}
		name, given := flagName(args[i])
		l := x.leaves[name]
		if l == nil {
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
	if l.kind == Bool {
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
			c.problem(Problem{Place: "command line", Text: "an argument is not a flag"})
			continue
		case l == nil:
			c.problem(Problem{Place: string(place), Text: "no setting has this name", Fix: flagSuggestion(name, c.index.keys)})
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
			c.problem(Problem{Key: l.key, Place: string(place), Text: "needs a value", Fix: words.F("write --%s=VALUE", name)})
			continue
		}
		c.add(l, textEntry(value, place))
	}
}

func flagSuggestion(name string, known []string) words.Text {
	if near := nearest(name, known); near != "" {
		return words.F("did you mean %s?", "--"+near)
	}
	return ""
}

// UnknownFlag is the error for a flag that neither a setting nor a command has. It names
// the nearest one among the settings and the flags of the command, if one is near.
func UnknownFlag(name string, ofCommand []string, groups ...Group) error {
	known := append(newIndex(groups).keys, ofCommand...)
	return Problem{Place: "flag --" + name, Text: "is unknown", Fix: flagSuggestion(name, known)}
}
