package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
)

// purposeSignInLink is the purpose of links that an administrator hands over.
const purposeSignInLink auth.Purpose = "sign-in-link"

// signInLinkLife is how long such a link works.
const signInLinkLife = 15 * time.Minute

// methodLink names the method in events and, as a proof, in sessions.
const methodLink = "link"

// Errors of sign-in links.
var (
	ErrMayNotLink   = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_MAKE_SIGN_IN_LINKS", "You are not allowed to make sign-in links")
	ErrPersonBanned = auth.E(http.StatusConflict, "PERSON_IS_BANNED", "This person is banned. Lift the ban first.")
	ErrLinkOver     = auth.E(http.StatusBadRequest, "LINK_NOT_VALID", "This link is no longer valid")
)

// SignInLink makes a link that signs a person in once, within 15 minutes, for the actor
// to hand over. An earlier one is dead. Who has it can take the account, so the actor
// must rank higher (decisions 36). It needs user:sign-in-link and is closed while
// impersonating.
func (s *Service) SignInLink(ctx context.Context, id string) (Recovery, error) {
	p, err := s.unmasked(ctx, ScopeSignInLink, ErrMayNotLink)
	if err != nil {
		return Recovery{}, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return Recovery{}, err
	}
	above, err := s.outranks(ctx, p, target)
	if err != nil {
		return Recovery{}, err
	}
	if !above {
		return Recovery{}, s.refused(ctx, target.ID, ErrMayNotLink.Because(ErrRank))
	}
	if Banned(target, s.now()) {
		return Recovery{}, ErrPersonBanned
	}
	token, expires := random.ID(), s.now().Add(signInLinkLife)
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.host.Verifications.Void(ctx, id, purposeSignInLink); err != nil {
			return err
		}
		err := s.host.Verifications.Issue(ctx, token, auth.OneTime{Purpose: purposeSignInLink, Subject: id, Value: p.Subject, ExpiresAt: expires})
		if err != nil {
			return err
		}
		return s.record(ctx, eventLinkMade, id, nil)
	})
	return Recovery{Link: s.host.Link(signInLinkPath + url.PathEscape(token)), ExpiresAt: expires}, err
}

// SignInLinkOf is the person a link signs in, nil when it is not good. It does not use it.
func (s *Service) SignInLinkOf(ctx context.Context, token string) (*ent.User, error) {
	found, err := s.host.Verifications.Find(ctx, purposeSignInLink, token)
	if err != nil || found == nil {
		return nil, err
	}
	return s.behindLink(ctx, found)
}

// behindLink is the person of a link, as long as its maker may still make one: who was
// banned, demoted or removed meanwhile leaves no way in behind.
func (s *Service) behindLink(ctx context.Context, found *auth.OneTime) (*ent.User, error) {
	target, err := s.host.Users.ByID(ctx, found.Subject)
	if err != nil || target == nil || Banned(target, s.now()) {
		return nil, err
	}
	if found.Value == auth.CommandLineSubject {
		return target, nil
	}
	maker, err := s.host.Users.ByID(ctx, found.Value)
	if err != nil || maker == nil || Banned(maker, s.now()) {
		return nil, err
	}
	p, err := s.principalOf(ctx, maker)
	if err != nil || !p.Can(ScopeSignInLink) {
		return nil, err
	}
	above, err := s.outranks(ctx, p, target)
	if err != nil || !above {
		return nil, err
	}
	return target, nil
}

// UseSignInLink signs the person of a link in; of parallel callers one succeeds.
func (s *Service) UseSignInLink(ctx context.Context, token string) (auth.Outcome, error) {
	var out auth.Outcome
	err := s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		taken, err := s.host.Verifications.Consume(ctx, purposeSignInLink, token)
		if err != nil {
			return err
		}
		if taken == nil {
			return ErrLinkOver
		}
		target, err := s.behindLink(ctx, taken)
		if err != nil {
			return err
		}
		if target == nil {
			return ErrLinkOver
		}
		out, err = s.host.SignIns.Complete(ctx, auth.FirstFactor{User: target, Method: methodLink, AMR: []string{methodLink}, Strength: 1})
		return err
	})
	return out, err
}
