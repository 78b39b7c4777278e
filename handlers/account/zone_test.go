package account

import (
	"strings"
	"testing"
)

// TestZones: every offered zone is known to the program, has a region, and is there once.
func TestZones(t *testing.T) {
	seen := map[string]bool{}
	for _, group := range zoneGroups("US/Eastern") {
		if group.Name == "" {
			t.Error("a region without a name")
		}
		for _, zone := range group.Zones {
			if !goodZone(zone.Value) || seen[zone.Value] || strings.ContainsAny(zone.Label.English(), "_/") && zone.Value != "US/Eastern" {
				t.Errorf("%q as %q", zone.Value, zone.Label)
			}
			seen[zone.Value] = true
		}
	}
	if len(seen) < 400 || !seen["Europe/Berlin"] || !seen["US/Eastern"] || !seen["Etc/UTC"] {
		t.Errorf("%d zones", len(seen))
	}
	for _, name := range []string{"", "Local", "local", "../../etc/passwd", "Europe", strings.Repeat("a", 65)} {
		if goodZone(name) {
			t.Errorf("%q is a zone", name)
		}
	}
}
