package organization

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/member"
	api "gatehouse/plugins/organization/organizationapi"
)

// NewOrganization is an organization to be made.
type NewOrganization struct {
	Name, Slug string
	Logo       *string
	Metadata   *string        // text of a JSON object
	Fields     map[string]any // additional fields, judged
	// Owner is the person who gets the creator's role; empty is the one who acts. For
	// somebody else it needs organization:create.
	Owner string
	// KeepActive leaves the organization alone that is active in the session.
	KeepActive bool
	// Trusted says that the program has decided: nobody is asked what they may do.
	Trusted bool
}

// Made is a new organization with what was made along with it.
type Made struct {
	Organization *ent.Organization
	Member       *ent.Member
	Team         *ent.Team // nil when there is none
}

// Create makes an organization with its first owner, and a team where the settings say so,
// and makes it the active one of the session (better-auth organization 6.1).
func (s *Service) Create(ctx context.Context, n NewOrganization) (*Made, error) {
	owner, free, err := s.founder(ctx, n)
	if err != nil {
		return nil, s.told(ctx, actor{p: auth.PrincipalOf(ctx)}, err)
	}
	made, c := &Made{}, &command{}
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		*c = command{tx: tx}
		if err := s.mayFound(ctx, tx, owner, free); err != nil {
			return err
		}
		return s.found(ctx, c, n, owner, made)
	})
	if ent.IsConstraintError(err) {
		err = ErrExists.Because(err)
	}
	if err != nil {
		return nil, s.told(ctx, actor{p: auth.PrincipalOf(ctx)}, err)
	}
	return made, run(ctx, c.after)
}

// founder is the owner of an organization that is to be made. free says that the limit does
// not hold.
func (s *Service) founder(ctx context.Context, n NewOrganization) (owner *ent.User, free bool, err error) {
	p := auth.PrincipalOf(ctx)
	free = p.Can(ScopeCreate)
	id := n.Owner
	if id == "" && p != nil {
		id = p.Subject
	}
	switch {
	case n.Trusted:
	case p == nil:
		return nil, false, ErrNoSession
	case free:
	case id != p.Subject || !s.mayCreate(ctx, p):
		return nil, false, deny(ErrMayNotCreate)
	}
	if owner, err = s.host.Users.ByID(ctx, id); err == nil && owner == nil {
		err = auth.ErrUserNotFound
	}
	return owner, free, err
}

func (s *Service) mayCreate(ctx context.Context, p *auth.Principal) bool {
	if s.options.MayCreate != nil {
		return s.options.MayCreate(ctx, p)
	}
	return s.cfg.Get().AllowCreate
}

// mayFound holds the limit of organizations of one person, who cannot make two at once.
func (s *Service) mayFound(ctx context.Context, tx *auth.Tx, owner *ent.User, free bool) error {
	limit := s.cfg.Get().Limit
	if limit == 0 || free {
		return nil
	}
	if _, err := s.lockUser(ctx, tx, owner.ID); err != nil {
		return err
	}
	n, err := tx.Platform().Member().Query().Where(member.UserID(owner.ID), notOver(s.now())).Count(ctx)
	if err != nil {
		return fmt.Errorf("counting organizations of a person: %w", err)
	}
	if n >= limit {
		return deny(ErrTooManyOrganizations)
	}
	return nil
}

func (s *Service) found(ctx context.Context, c *command, n NewOrganization, owner *ent.User, made *Made) error {
	if taken, err := s.bySlug(ctx, n.Slug); err != nil || taken != nil {
		return orElse(err, ErrExists.At("slug"))
	}
	row, err := s.insert(ctx, c.tx, n, owner)
	if err != nil {
		return err
	}
	c.org, made.Organization = row, row
	if err := s.recordAbout(ctx, eventCreated, row.ID, subjectOrganization, row.ID, map[string]any{"name": row.Name, "slug": row.Slug}); err != nil {
		return err
	}
	if made.Member, err = s.add(ctx, c, joining{user: owner, role: s.creatorRole(), by: byCreation}, nil); err != nil {
		return err
	}
	if teams := s.cfg.Get().Teams; teams.Enabled && teams.Default {
		if made.Team, err = s.firstTeam(ctx, c, owner); err != nil {
			return err
		}
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterCreateOrganization },
			&api.Happened{Organization: asOrganization(row), Member: asMember(made.Member), User: asUser(owner)})
	})
	if p := auth.PrincipalOf(ctx); n.KeepActive || p == nil || p.Subject != owner.ID {
		return nil
	}
	var team *string
	if made.Team != nil {
		team = &made.Team.ID
	}
	return s.activate(ctx, c.tx, &row.ID, team)
}

// insert stores the row, as the hooks leave it.
func (s *Service) insert(ctx context.Context, tx *auth.Tx, n NewOrganization, owner *ent.User) (*ent.Organization, error) {
	metadata, err := objectOf(n.Metadata)
	if err != nil {
		return nil, err
	}
	draft := &api.NewOrganization{Tx: tx, Name: n.Name, Slug: n.Slug, Logo: n.Logo, Metadata: metadata, Fields: n.Fields, User: *asUser(owner)}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.NewOrganization] { return h.BeforeCreateOrganization }, draft); err != nil {
		return nil, err
	}
	if draft.ID == "" {
		draft.ID = random.ID()
	}
	text, err := textOf(draft.Metadata, metadata, n.Metadata)
	if err != nil {
		return nil, err
	}
	create := tx.Platform().Organization().Create().SetID(draft.ID).SetName(draft.Name).SetSlug(draft.Slug).
		SetNillableLogo(draft.Logo).SetNillableMetadata(text).SetCreatedAt(s.now())
	if len(draft.Fields) > 0 {
		create.SetAdditionalFields(draft.Fields)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing an organization: %w", err)
	}
	return row, s.indexOrganization(ctx, tx, row)
}

func (s *Service) indexOrganization(ctx context.Context, tx *auth.Tx, row *ent.Organization) error {
	return tx.Index(ctx, "Organization", row.ID, row.Name, row.Slug)
}

// add stores a membership and asks the hooks of members before and after it.
func (s *Service) add(ctx context.Context, c *command, j joining, then func(context.Context, *ent.Member) error) (*ent.Member, error) {
	draft := &api.NewMember{Tx: c.tx, Organization: asOrganization(c.org), User: *asUser(j.user), Role: j.role, Fields: j.fields}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.NewMember] { return h.BeforeAddMember }, draft); err != nil {
		return nil, err
	}
	j.role, j.fields = joined(auth.SplitRoles(draft.Role)), draft.Fields
	if j.role == "" {
		return nil, ErrRoleNotFound
	}
	row, err := s.join(ctx, c, j)
	if err != nil {
		return nil, err
	}
	if then != nil {
		if err := then(ctx, row); err != nil {
			return nil, err
		}
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterAddMember },
			&api.Happened{Organization: asOrganization(c.org), Member: asMember(row), User: asUser(j.user)})
	})
	return row, nil
}

// objectOf reads the text of metadata for hooks; nil when there is none.
func objectOf(text *string) (map[string]any, error) {
	if text == nil {
		return nil, nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(*text), &m); err != nil {
		return nil, fmt.Errorf("metadata of an organization: %w", err)
	}
	return m, nil
}

// textOf writes metadata that hooks may have changed. What they left alone stays as it was
// written, the order of its keys too.
func textOf(now, before map[string]any, text *string) (*string, error) {
	if reflect.DeepEqual(now, before) {
		return text, nil
	}
	raw, err := json.Marshal(now)
	if err != nil {
		return nil, fmt.Errorf("metadata of an organization: %w", err)
	}
	made := string(raw)
	return &made, nil
}

func orElse(err error, refusal *auth.Error) error {
	if err != nil {
		return err
	}
	return refusal
}
