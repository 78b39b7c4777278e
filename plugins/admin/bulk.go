package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"gatehouse/auth"
	"gatehouse/ent"
)

// bulkAtOnce is how many people are done while the caller waits; more become a task.
const bulkAtOnce = 50

// taskPrefix stands before the name of an act in the name of its task.
const taskPrefix = ID + "/"

// Names of the acts on many people.
const (
	BulkBan    = "ban"
	BulkUnban  = "unban"
	BulkEnd    = "end-sessions"
	BulkRole   = "role"
	BulkReset  = "reset"
	BulkVerify = "verify"
	BulkDelete = "delete"
)

// Reasons why somebody is left out of an act on many. Refusals of the acts themselves
// stand beside them.
var (
	ErrRanksAbove    = auth.E(http.StatusForbidden, "RANKS_ABOVE_YOU", "Ranks above you.")
	ErrYourself      = auth.E(http.StatusBadRequest, "YOURSELF", "That is you.")
	ErrIsBanned      = auth.E(http.StatusConflict, "ALREADY_BANNED", "Is banned already.")
	ErrIsNotBanned   = auth.E(http.StatusConflict, "NOT_BANNED", "Is not banned.")
	ErrHasRole       = auth.E(http.StatusConflict, "HAS_ROLE", "Has this role already.")
	ErrIsVerified    = auth.E(http.StatusConflict, "ALREADY_VERIFIED", "The address is verified already.")
	ErrPartOfConsole = auth.E(http.StatusForbidden, "PART_OF_THE_CONSOLE", "Has access to the console; you may not ban them.")
	ErrIsGone        = auth.E(http.StatusNotFound, "GONE", "Does not exist any more.")
	ErrNobodyChosen  = auth.E(http.StatusBadRequest, "NOBODY_CHOSEN", "Choose somebody first.")
)

// BulkAct is what is done to many people.
type BulkAct struct {
	Name  string   `json:"name"`            // one of the names above
	Ban   Ban      `json:"ban,omitzero"`    // of BulkBan
	Roles []string `json:"roles,omitempty"` // of BulkRole
}

// BulkResult is what came of it: done at once, with who was left out, or a task.
type BulkResult struct {
	Done    int
	Skipped []auth.Skipped
	Task    *ent.Task // nil when it is over
}

// bulkKind is one act on many: its scope, who is left out before it is tried, and what is
// done.
type bulkKind struct {
	name, scope string
	refusal     *auth.Error
	self        bool // may be done to oneself
	already     func(s *Service, u *ent.User, act BulkAct) *auth.Error
	do          func(s *Service, ctx context.Context, id string, act BulkAct) error
}

func bulkKinds() []bulkKind {
	return []bulkKind{
		{name: BulkRole, scope: ScopeSetRole, refusal: ErrMayNotSetRole,
			already: func(s *Service, u *ent.User, act BulkAct) *auth.Error {
				return when(slices.Equal(s.RolesOf(u), act.Roles), ErrHasRole)
			},
			do: func(s *Service, ctx context.Context, id string, act BulkAct) error {
				_, err := s.SetRole(ctx, id, act.Roles)
				return err
			}},
		{name: BulkReset, scope: ScopeSendReset, refusal: ErrMayNotSendReset, self: true,
			do: func(s *Service, ctx context.Context, id string, _ BulkAct) error {
				_, err := s.SendReset(ctx, id)
				return err
			}},
		{name: BulkVerify, scope: ScopeSetEmail, refusal: ErrMayNotSetEmail, self: true,
			already: func(_ *Service, u *ent.User, _ BulkAct) *auth.Error { return when(u.EmailVerified, ErrIsVerified) },
			do: func(s *Service, ctx context.Context, id string, _ BulkAct) error {
				_, err := s.MarkVerified(ctx, id)
				return err
			}},
		{name: BulkEnd, scope: ScopeSessionRevoke, refusal: ErrMayNotRevoke,
			do: func(s *Service, ctx context.Context, id string, _ BulkAct) error {
				_, err := s.EndSessions(ctx, id)
				return err
			}},
		{name: BulkUnban, scope: ScopeBan, refusal: ErrMayNotBan,
			already: func(s *Service, u *ent.User, _ BulkAct) *auth.Error { return when(!Banned(u, s.now()), ErrIsNotBanned) },
			do: func(s *Service, ctx context.Context, id string, _ BulkAct) error {
				_, err := s.Unban(ctx, id)
				return err
			}},
		{name: BulkBan, scope: ScopeBan, refusal: ErrMayNotBan,
			already: func(s *Service, u *ent.User, _ BulkAct) *auth.Error { return when(Banned(u, s.now()), ErrIsBanned) },
			do: func(s *Service, ctx context.Context, id string, act BulkAct) error {
				_, err := s.Ban(ctx, id, act.Ban)
				return err
			}},
		{name: BulkDelete, scope: ScopeDelete, refusal: ErrMayNotDelete,
			do: func(s *Service, ctx context.Context, id string, _ BulkAct) error { return s.Remove(ctx, id) }},
	}
}

func when(on bool, e *auth.Error) *auth.Error {
	if on {
		return e
	}
	return nil
}

func bulkKindOf(name string) (bulkKind, bool) {
	kinds := bulkKinds()
	i := slices.IndexFunc(kinds, func(k bulkKind) bool { return k.name == name })
	if i < 0 {
		return bulkKind{}, false
	}
	return kinds[i], true
}

// tasks are the acts on many as the task worker knows them.
func (s *Service) tasks() []auth.TaskKind {
	var list []auth.TaskKind
	for _, k := range bulkKinds() {
		list = append(list, auth.TaskKind{Name: taskPrefix + k.name, Scope: k.scope, Names: s.namesOf,
			Words: wordsOfBulk(k.name).task, Do: func(ctx context.Context, raw json.RawMessage, id string) error {
				var act BulkAct
				if err := json.Unmarshal(raw, &act); err != nil {
					return fmt.Errorf("reading an act: %w", err)
				}
				return s.actOnOne(ctx, k, act, id)
			}})
	}
	return list
}

// Bulk acts on many people: up to 50 at once, each in a transaction of its own; more are
// worked off in the background. The scope is asked for here, rank and all other rules
// for each person when it is their turn. It is closed while impersonating.
func (s *Service) Bulk(ctx context.Context, act BulkAct, people iter.Seq2[string, error]) (BulkResult, error) {
	kind, known := bulkKindOf(act.Name)
	if !known {
		return BulkResult{}, auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
	}
	p, err := s.unmasked(ctx, kind.scope, kind.refusal)
	if err != nil {
		return BulkResult{}, err
	}
	if act, err = s.checkAct(ctx, p, act); err != nil {
		return BulkResult{}, err
	}
	ids, err := collect(people)
	if err != nil {
		return BulkResult{}, err
	}
	if len(ids) <= bulkAtOnce {
		return s.bulkNow(ctx, kind, act, ids)
	}
	row, err := s.host.Tasks.Start(ctx, auth.NewTask{Kind: taskPrefix + kind.name, Act: act, Items: ids})
	return BulkResult{Task: row}, err
}

// checkAct refuses what would be refused for everybody.
func (s *Service) checkAct(ctx context.Context, p *auth.Principal, act BulkAct) (BulkAct, error) {
	if act.Name == BulkBan && len(act.Ban.Reason) > maxReason {
		return act, auth.ErrValidation.Saying("Use at most 1,000 characters.").At("reason")
	}
	if act.Name != BulkRole {
		return act, nil
	}
	roles, err := s.parseRoles(act.Roles)
	if err != nil {
		return act, ErrNoSuchRole.Saying("Choose at least one role.")
	}
	act.Roles = roles
	return act, s.mayGive(ctx, p, roles, forGood)
}

// collect reads who is meant, each once.
func collect(people iter.Seq2[string, error]) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	for id, err := range people {
		switch {
		case err != nil:
			return nil, err
		case id == "" || seen[id]:
			continue
		case len(ids) == auth.MaxTaskItems:
			return nil, auth.ErrTooManyItems
		}
		seen[id] = true
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, ErrNobodyChosen
	}
	return ids, nil
}

// Those yields ids that were posted.
func Those(ids []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, id := range ids {
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (s *Service) bulkNow(ctx context.Context, kind bulkKind, act BulkAct, ids []string) (BulkResult, error) {
	var r BulkResult
	for _, id := range ids {
		err := s.actOnOne(ctx, kind, act, id)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err == nil {
			r.Done++
			continue
		}
		e := auth.AsError(err)
		skipped := auth.Skipped{Item: id, Code: e.Code, Reason: sayRefusal(e)}
		if e.Status >= http.StatusInternalServerError {
			s.host.Log.ErrorContext(ctx, "an act on many failed for one", "act", kind.name, "user", id, "error", err)
			skipped.Reason = "The server could not do this."
		}
		r.Skipped = append(r.Skipped, skipped)
	}
	return r, nil
}

// actOnOne does it to one person; an *auth.Error says why not.
func (s *Service) actOnOne(ctx context.Context, kind bulkKind, act BulkAct, id string) error {
	p := auth.PrincipalOf(ctx)
	target, err := s.host.Users.ByID(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case target == nil:
		return ErrIsGone
	case p.Subject == id && !kind.self:
		return ErrYourself
	}
	within, err := s.covers(ctx, p, target)
	if err != nil {
		return err
	}
	if !within {
		return s.refused(ctx, id, ErrRanksAbove)
	}
	if kind.already != nil {
		if why := kind.already(s, target, act); why != nil {
			return why
		}
	}
	err = kind.do(s, ctx, id, act)
	if errors.Is(err, ErrMayNotBan) {
		return ErrPartOfConsole
	}
	return err
}

// TaskOf is a task that the principal of the context may look at and stop: their own, or
// that of somebody they cover, for whose act they hold the scope.
func (s *Service) TaskOf(ctx context.Context, id string) (*auth.TaskState, error) {
	unknown := auth.E(http.StatusNotFound, "TASK_NOT_FOUND", "This does not exist, or not any more.")
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, auth.ErrUnauthorized
	}
	t, err := s.host.Tasks.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, unknown
	}
	if t.CreatedBy == p.Subject {
		return t, nil
	}
	asker, err := s.host.Users.ByID(ctx, t.CreatedBy)
	if err != nil {
		return nil, err
	}
	if kind, known := s.host.Tasks.Kind(t.Kind); asker != nil && known && p.Can(kind.Scope) {
		within, err := s.covers(ctx, p, asker)
		if err != nil {
			return nil, err
		}
		if within {
			return t, nil
		}
	}
	return nil, unknown
}

// StopTask ends a task that TaskOf shows. What is done stays done.
func (s *Service) StopTask(ctx context.Context, id string) (bool, error) {
	if p := auth.PrincipalOf(ctx); p.Impersonated() {
		return false, auth.ErrImpersonating
	}
	if _, err := s.TaskOf(ctx, id); err != nil {
		return false, err
	}
	return s.host.Tasks.Stop(ctx, id)
}
