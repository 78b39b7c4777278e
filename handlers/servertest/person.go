package servertest

import (
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/ent/user"
)

// Password is that of every person a rig makes.
const Password = "correct-Horse-7-battery"

// SignUp makes a person through the wire and returns a browser that is signed in where
// sign-up signs in.
func (r *Rig) SignUp(name, address string) *Browser {
	r.T.Helper()
	b := r.Browser()
	b.Post("/api/auth/sign-up/email", map[string]any{"name": name, "email": address, "password": Password}).Want(200, "")
	return b
}

// SignIn returns a new browser that signed in with the rig's password.
func (r *Rig) SignIn(address string) *Browser {
	r.T.Helper()
	b := r.Browser()
	b.Post("/api/auth/sign-in/email", map[string]any{"email": address, "password": Password}).Want(200, "")
	return b
}

// User reads a person by address; the test fails when there is none.
func (r *Rig) User(address string) *ent.User {
	r.T.Helper()
	ctx := r.T.Context()
	u, err := r.Host.DB.Access(ctx).User().Query().Where(user.Email(email.Canonical(address))).Only(ctx)
	if err != nil {
		r.T.Fatalf("user %s: %v", address, err)
	}
	return u
}
