package core_test

import (
	"slices"
	"testing"

	"entgo.io/ent/schema"

	"gatehouse/ent/schema/core"
	admin "gatehouse/plugins/admin/schema"
)

func TestFromMarksEveryField(t *testing.T) {
	owner := core.Owner{Plugin: "admin"}
	fields := core.From("admin", admin.UserMixin{}).Fields()
	if len(fields) != len(admin.UserMixin{}.Fields()) {
		t.Fatalf("%d fields", len(fields))
	}
	for _, f := range fields {
		if !slices.Contains(f.Descriptor().Annotations, schema.Annotation(owner)) {
			t.Errorf("%s has no owner", f.Descriptor().Name)
		}
	}
	for _, f := range (admin.UserMixin{}).Fields() {
		if slices.Contains(f.Descriptor().Annotations, schema.Annotation(owner)) {
			t.Errorf("%s was marked in place", f.Descriptor().Name)
		}
	}
}
