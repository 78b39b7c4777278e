package auth

import "context"

// Origin is where a piece of work came from. It is recorded in sessions and events,
// and never decides what is allowed.
type Origin struct {
	Address   string // client address; empty when unknown or not tracked
	UserAgent string
	RequestID string
	Method    string // HTTP method, or "CLI", "JOB"
	Path      string
	Language  string // preferred language of the person, BCP 47; empty when unknown
}

type originKey struct{}

// WithOrigin puts the origin of the work into the context.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin of the work, or the zero value.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

type principalKey struct{}

// WithPrincipal puts the principal on whose behalf the work is done into the context.
func WithPrincipal(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalOf returns the principal of the context; nil is anonymous.
func PrincipalOf(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}
