package admin

import (
	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// enter writes the cookies of a sign-in, or those of the step that has to come before it.
// It reports whether there is a session now.
func enter(c *plugins.Call, out auth.Outcome) (bool, error) {
	if out.Next != nil {
		for _, k := range out.Next.Cookies {
			c.Desk.SetSigned(c, k.Key, k.Value, k.MaxAge)
		}
		return false, nil
	}
	return true, c.Desk.Issue(c, out.Issued)
}

type (
	ownPasswordInput struct {
		NewPassword string `json:"newPassword"`
	}
	// signedInOutput is the answer of a sign-in (better-auth core 4.1).
	signedInOutput struct {
		Redirect bool           `json:"redirect"`
		Token    string         `json:"token"`
		User     ent.WireObject `json:"user"`
	}
)

// ownPassword is ChooseOwnPassword for clients that speak JSON. The token is in the
// signed cookie that the sign-in set.
func (s *Service) ownPassword(c *plugins.Call) (any, error) {
	token, _ := c.Desk.Signed(c, ownPasswordCookie)
	out, _, err := s.ChooseOwnPassword(c.Context(), token, plugins.BodyOf[ownPasswordInput](c).NewPassword)
	if err != nil {
		return nil, err
	}
	c.Desk.SetSigned(c, ownPasswordCookie, "", -1)
	signedIn, err := enter(c, out)
	if err != nil || !signedIn {
		return bodyOf(out), err
	}
	return signedInOutput{Token: out.Issued.Token, User: s.host.WireUser(out.Issued.User)}, nil
}

func bodyOf(out auth.Outcome) any {
	if out.Next == nil {
		return nil
	}
	return out.Next.Body
}
