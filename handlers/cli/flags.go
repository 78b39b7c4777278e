package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"gatehouse/auth/settings"
)

// unknownFlag refuses a flag that neither a setting nor a command has, before the parser
// does, which would look for a near name among the few flags of the command alone. The
// arguments of a plugin's command are left to that.
func (a *app) unknownFlag(root *kong.Node, args []string) error {
	node, all := root, everyFlag(root)
	for _, arg := range args {
		name, long := strings.CutPrefix(arg, "--")
		name, _, _ = strings.Cut(name, "=")
		switch {
		case arg == "--" || passesOn(node):
			return nil
		case !long:
			node = childOf(node, arg)
		case !slices.Contains(all, name):
			return settings.UnknownFlag(name, flagsOf(node), a.groups...)
		}
	}
	return nil
}

// childOf is the command under a node that a word names, else the node.
func childOf(node *kong.Node, word string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == word {
			return child
		}
	}
	return node
}

// passesOn reports whether a command takes all its arguments as they are.
func passesOn(node *kong.Node) bool {
	return len(node.Positional) > 0 && node.Positional[0].PassthroughMode == kong.PassThroughModeAll
}

// flagsOf are the names of the flags that may stand after a command: its own, those of
// the commands above, and those of the command it stands for.
func flagsOf(node *kong.Node) []string {
	var names []string
	for above := node; above != nil; above = above.Parent {
		names = append(names, ownFlags(above)...)
	}
	if node.DefaultCmd != nil {
		names = append(names, ownFlags(node.DefaultCmd)...)
	}
	return names
}

func ownFlags(node *kong.Node) []string {
	var names []string
	for _, f := range node.Flags {
		names = append(names, f.Name)
		if f.Tag.Negatable != "" {
			names = append(names, "no-"+f.Name)
		}
	}
	return names
}

// everyFlag are the names of the flags of all commands under a node.
func everyFlag(node *kong.Node) []string {
	names := ownFlags(node)
	for _, child := range node.Children {
		names = append(names, everyFlag(child)...)
	}
	return names
}
