package core

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Upload is a picture that the server serves itself: an avatar or a logo. It holds what
// the server encoded anew, never the bytes that came in.
type Upload struct{ ent.Schema }

// MaxUpload bounds the stored bytes of a picture.
const MaxUpload = 1 << 20

// Mixin gives the id, which is also the last part of the picture's address: a new
// picture has a new one, so that browsers may keep it for ever.
func (Upload) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the picture. owner_id is the person of an avatar, empty for the server's own.
func (Upload) Fields() []ent.Field {
	return []ent.Field{
		field.String("purpose").MaxLen(MaxIndexed).NotEmpty(),
		field.String("owner_id").MaxLen(MaxKey).Optional().Nillable(),
		field.String("media_type").MaxLen(MaxIndexed).NotEmpty(),
		field.Bytes("data").MaxLen(MaxUpload).SchemaType(map[string]string{dialect.MySQL: "mediumblob"}),
		CreatedAt(),
	}
}

// Edges name the person of an avatar.
func (Upload) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("owner", User.Type).Field("owner_id").Unique().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes find the picture of a purpose and person.
func (Upload) Indexes() []ent.Index { return []ent.Index{index.Fields("owner_id", "purpose")} }

// Annotations hold the data life.
func (Upload) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Owner: "owner_id", Personal: []string{"data"}, Export: true, OnDelete: Cascade}}
}
