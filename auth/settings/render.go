package settings

import (
	"fmt"
	"strings"
)

// Markdown renders the reference of all settings, one table for each group.
// It depends on the declarations only.
func Markdown(groups ...Group) string {
	var b strings.Builder
	b.WriteString(markdownHead)
	for _, g := range groups {
		s := g.base()
		if len(s.leaves) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", s.title)
		if s.help != "" {
			b.WriteString(s.help + "\n\n")
		}
		b.WriteString("| Key | Environment | Kind | Default | Changes | Meaning |\n|---|---|---|---|---|---|\n")
		for _, l := range s.leaves {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", l.key, l.envCell(), l.kind,
				codeCell(s.defaultText(l), l.words != ""), l.levelWords(), cell(l.meaning()+l.ruleWords()))
		}
		writeElements(&b, s)
	}
	return b.String()
}

const markdownHead = `# Configuration

Every setting has one name: the key ` + "`mail.from`" + ` in the configuration file, the variable ` + "`GATEHOUSE_MAIL_FROM`" + `, the flag ` + "`--mail.from`" + `.
A secret can also be read from a file: ` + "`GATEHOUSE_SECRET_FILE`" + ` names it.

- A key set in two of flag, environment, secret file and configuration file stops the start; both places are named.
- Those four beat values set in the console, which beat the defaults. The console shows such a value locked, with its source.
- Unknown keys, flags and variables that begin with ` + "`GATEHOUSE_`" + ` stop the start. Variables that container links inject, such as ` + "`GATEHOUSE_PORT`" + `, are ignored with a warning.
- Durations are seconds or text such as ` + "`90s`, `15m`, `7d`" + `; sizes are bytes or text such as ` + "`64KiB`, `1MiB`" + `.
- In variables and flags, lists are joined by commas and tables are TOML text.
- "Changes" says where a setting can change: at start only, in the console while running, or also for one organization.
`

func (l *leaf) envCell() string {
	names := []string{"`" + l.env() + "`"}
	if l.secret {
		names = append(names, "`"+l.fileEnv()+"`")
	}
	for _, alias := range l.aliases {
		names = append(names, "`"+alias+"`")
	}
	return strings.Join(names, ", ")
}

func (l *leaf) levelWords() string {
	switch l.level {
	case Console:
		return "console"
	case Organization:
		return "console, organization"
	}
	return "start"
}

// meaning is the help after the name that the console shows, without which it may say
// little.
func (l *leaf) meaning() string {
	if l.label == "" {
		return l.help
	}
	return l.label + ": " + l.help
}

// choiceWords lists what oneof allows, with the names of the console.
func (l *leaf) choiceWords(arg string) string {
	var list []string
	for choice := range strings.SplitSeq(arg, "|") {
		if name := l.named[choice]; name != "" && !strings.EqualFold(name, choice) {
			choice += " (" + name + ")"
		}
		list = append(list, choice)
	}
	return strings.Join(list, ", ")
}

// ruleWords ends the meaning with what the checks allow.
func (l *leaf) ruleWords() string {
	var words []string
	for _, r := range l.rules {
		switch r.name {
		case "min":
			words = append(words, "at least "+r.arg)
		case "max":
			words = append(words, "at most "+r.arg)
		case "oneof":
			words = append(words, "one of "+l.choiceWords(r.arg))
		}
	}
	if l.emptyAll {
		words = append(words, "empty for all")
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

func codeCell(text string, words bool) string {
	switch {
	case text == "":
		return ""
	case words:
		return cell(text)
	}
	return "`" + cell(text) + "`"
}

// cell keeps a text within a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}

// writeElements describes the keys of tables.
func writeElements(b *strings.Builder, s *section) {
	for _, l := range s.leaves {
		if !l.kind.structured() {
			continue
		}
		element := l.typ.Elem()
		if _, scalar := kindOf(element); scalar {
			continue
		}
		fmt.Fprintf(b, "\nAn entry of `%s` has:\n\n| Key | Meaning |\n|---|---|\n", l.key)
		for _, f := range settingFields(element) {
			fmt.Fprintf(b, "| `%s` | %s |\n", f.Tag.Get("setting"), cell(f.Tag.Get("help")))
		}
	}
}

// Sample renders a configuration file with every key commented out at its
// default.
func Sample(groups ...Group) string {
	var b strings.Builder
	b.WriteString("# Configuration of Gatehouse. A line without its leading # takes effect.\n")
	for _, g := range groups {
		s := g.base()
		if len(s.leaves) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n# %s\n", s.title)
		if s.help != "" {
			fmt.Fprintf(&b, "# %s\n", s.help)
		}
		if s.prefix != "" {
			fmt.Fprintf(&b, "[%s]\n", s.prefix)
		}
		for _, l := range s.leaves {
			sampleLine(&b, s, l)
		}
	}
	return b.String()
}

func sampleLine(b *strings.Builder, s *section, l *leaf) {
	if l.key == ConfigKey {
		return
	}
	name := strings.TrimPrefix(strings.TrimPrefix(l.key, s.prefix), ".")
	value := inlineTOML(s.defaults.FieldByIndex(l.index))
	if l.secret && !l.kind.structured() {
		value = `""`
	}
	note := ""
	if l.words != "" {
		note = " Default: " + l.words + "."
	}
	fmt.Fprintf(b, "\n# %s%s.%s\n# %s = %s\n", l.help, l.ruleWords(), note, name, value)
}

// Usage lists the flags of settings for a help text: name, kind and meaning.
func Usage(groups ...Group) string {
	var b strings.Builder
	for _, g := range groups {
		for _, l := range g.base().leaves {
			fmt.Fprintf(&b, "  %s=%s\n        %s%s\n", l.flag(), strings.ToUpper(string(l.kind)), l.help, l.ruleWords())
		}
	}
	return b.String()
}

// Markdown renders the reference of the set's groups.
func (s *Set) Markdown() string { return Markdown(s.groups...) }

// Sample renders a configuration file of the set's groups.
func (s *Set) Sample() string { return Sample(s.groups...) }
