package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct {
	list `embed:""`
}

// Run prints what the Go tool knows of the build: the version of the module, the
// commit, and the toolchain.
func (v versionCommand) Run(a *app) error {
	version, commit := buildVersion()
	if v.JSON {
		return a.printJSON(map[string]string{"version": version, "commit": commit, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	if commit != "" {
		version += " (" + commit + ")"
	}
	_, err := fmt.Fprintf(a.Stdout, "gatehouse %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func buildVersion() (version, commit string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))] + commit
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += "+changes"
		}
	}
	return info.Main.Version, commit
}
