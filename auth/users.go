package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gatehouse/auth/email"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/account"
	"gatehouse/ent/user"
)

// ProviderCredential is the provider id of the account row that holds a password.
const ProviderCredential = "credential"

// Users creates, changes and removes people.
type Users struct {
	db       *DB
	clock    Clock
	moments  *Moments
	fields   *Fields
	events   *Events
	sessions *Sessions
	values   *Verifications
	lives    *Lives
}

// NewUser is a user to be made.
type NewUser struct {
	Name          string
	Email         string
	EmailVerified bool
	Image         *string
	Fields        map[string]any // declared fields by wire name, already judged
	PasswordHash  string         // empty: no credential account
	Set           []func(*ent.UserCreate)
	By            string
}

// Create stores a user and, with a password hash, the credential account, in one
// transaction. A taken address is ErrUserAlreadyExists.
func (u *Users) Create(ctx context.Context, n NewUser) (*ent.User, error) {
	var made *ent.User
	err := u.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		taken, err := u.ByEmail(ctx, n.Email)
		if err != nil {
			return err
		}
		if taken != nil {
			return ErrUserAlreadyExists
		}
		made, err = u.insert(ctx, tx, n)
		return err
	})
	if ent.IsConstraintError(err) {
		return nil, ErrUserAlreadyExists.Because(err)
	}
	return made, err
}

func (u *Users) insert(ctx context.Context, tx *Tx, n NewUser) (*ent.User, error) {
	d := &UserDraft{Tx: tx, Name: n.Name, Email: email.Canonical(n.Email), EmailVerified: n.EmailVerified, Image: n.Image, Fields: n.Fields, Set: n.Set, By: n.By}
	if err := u.moments.UserCreating.Run(ctx, d); err != nil {
		return nil, err
	}
	now := u.clock()
	create := tx.User().Create().SetID(random.ID()).SetName(d.Name).SetEmail(d.Email).
		SetEmailVerified(d.EmailVerified).SetNillableImage(d.Image).SetCreatedAt(now).SetUpdatedAt(now)
	if extra := u.fields.JSON("user", d.Fields); len(extra) > 0 {
		create.SetAdditionalFields(extra)
	}
	for _, set := range d.Set {
		set(create)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, refusedName(fmt.Errorf("storing a user: %w", err))
	}
	if n.PasswordHash != "" {
		if err := u.addCredential(ctx, tx, row.ID, n.PasswordHash); err != nil {
			return nil, err
		}
	}
	if err := u.index(ctx, tx, row); err != nil {
		return nil, err
	}
	if err := u.moments.UserCreated.Run(ctx, &UserChange{Tx: tx, User: row, By: n.By}); err != nil {
		return nil, err
	}
	return row, u.events.Record(ctx, Event{Kind: "user.created", SubjectType: "user", Subject: row.ID, Data: map[string]any{"email": row.Email, "by": n.By}})
}

// refusedName says in the words of the wire that storage refused a name for its length.
func refusedName(err error) error {
	var refused *ent.ValidationError
	if errors.As(err, &refused) && refused.Name == user.FieldName {
		return ErrValidation.Saying("The name is too long").At("name").Because(err)
	}
	return err
}

func (u *Users) addCredential(ctx context.Context, tx *Tx, id, hash string) error {
	now := u.clock()
	err := tx.Account().Create().SetID(random.ID()).SetUserID(id).SetProviderID(ProviderCredential).SetAccountID(id).
		SetPassword(hash).SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing a credential account: %w", err)
	}
	return nil
}

// index writes the search text of a user (decisions 51).
func (u *Users) index(ctx context.Context, tx *Tx, row *ent.User) error {
	return tx.Index(ctx, "User", row.ID, row.Name, row.Email)
}

// ByEmail finds a user by address; nil when there is none. The stored address must
// equal the asked one after NFC and lower-casing (better-auth core 8.9).
func (u *Users) ByEmail(ctx context.Context, address string) (*ent.User, error) {
	row, err := u.db.Access(ctx).User().Query().Where(user.Email(email.Canonical(address))).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking a user up: %w", err)
	}
	if !email.Equal(row.Email, address) {
		return nil, nil
	}
	return row, nil
}

// ByID finds a user; nil when there is none.
func (u *Users) ByID(ctx context.Context, id string) (*ent.User, error) {
	row, err := u.db.Access(ctx).User().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking a user up: %w", err)
	}
	return row, nil
}

// Called finds a user as people at a command line or in a form name them, by address or id;
// nil when there is none.
func (u *Users) Called(ctx context.Context, name string) (*ent.User, error) {
	if strings.Contains(name, "@") {
		if row, err := u.ByEmail(ctx, name); err != nil || row != nil {
			return row, err
		}
	}
	return u.ByID(ctx, name)
}

// ByIDs reads users by id; those who are gone are missing. It is meant for the rows of a
// page, not for more ids than a statement takes.
func (u *Users) ByIDs(ctx context.Context, ids []string) (map[string]*ent.User, error) {
	known := map[string]*ent.User{}
	if len(ids) == 0 {
		return known, nil
	}
	rows, err := u.db.Access(ctx).User().Query().Where(user.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	for _, row := range rows {
		known[row.ID] = row
	}
	return known, nil
}

// Accounts lists the accounts of a user, oldest first.
func (u *Users) Accounts(ctx context.Context, id string) ([]*ent.Account, error) {
	return u.db.Access(ctx).Account().Query().Where(account.UserID(id)).
		Order(ent.Asc(account.FieldCreatedAt), ent.Asc(account.FieldID)).Limit(100).All(ctx)
}

// Credential finds the account that holds the password of a user; nil when there is none.
func (u *Users) Credential(ctx context.Context, id string) (*ent.Account, error) {
	row, err := u.db.Access(ctx).Account().Query().
		Where(account.UserID(id), account.ProviderID(ProviderCredential)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking a credential account up: %w", err)
	}
	return row, nil
}

// SetPassword stores a password hash, making the credential account where it is missing.
func (u *Users) SetPassword(ctx context.Context, id, hash string) error {
	return u.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Account().Update().Where(account.UserID(id), account.ProviderID(ProviderCredential)).
			SetPassword(hash).SetUpdatedAt(u.clock()).Save(ctx)
		if err != nil {
			return fmt.Errorf("storing a password: %w", err)
		}
		if n == 0 {
			if err := u.addCredential(ctx, tx, id, hash); err != nil {
				return err
			}
		}
		return u.moments.PasswordStored.Run(ctx, &StoredPassword{Tx: tx, UserID: id})
	})
}

// Rehash replaces a stored hash by a newer form, if it is still the one that was verified.
func (u *Users) Rehash(ctx context.Context, accountID, old, hash string) error {
	return u.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.Account().Update().Where(account.ID(accountID), account.Password(old)).SetPassword(hash).Save(ctx)
		return err
	})
}

// Patch changes a user. Column setters come from the caller; Fields are judged
// additional fields by wire name. It returns the changed row.
func (u *Users) Patch(ctx context.Context, id string, by string, fields map[string]any, set ...func(*ent.UserUpdateOne)) (*ent.User, error) {
	var after *ent.User
	err := u.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		before, err := tx.User().Get(ctx, id)
		if ent.IsNotFound(err) {
			return ErrUserNotFound
		}
		if err != nil {
			return fmt.Errorf("reading a user: %w", err)
		}
		p := &UserPatch{Tx: tx, User: before, Fields: fields, Set: set}
		if err := u.moments.UserUpdating.Run(ctx, p); err != nil {
			return err
		}
		after, err = u.apply(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := u.moments.UserUpdated.Run(ctx, &UserChange{Tx: tx, User: after, Before: before, By: by}); err != nil {
			return err
		}
		on := func(string) bool { return true }
		return u.events.Record(ctx, Event{Kind: "user.updated", SubjectType: "user", Subject: id,
			Data: map[string]any{"by": by, "changes": Diff(before.Wire(on), after.Wire(on))}})
	})
	if ent.IsConstraintError(err) {
		return nil, ErrUserAlreadyExists.Because(err)
	}
	return after, err
}

func (u *Users) apply(ctx context.Context, tx *Tx, p *UserPatch) (*ent.User, error) {
	update := tx.User().UpdateOne(p.User).SetUpdatedAt(u.clock())
	if extra := u.fields.JSON("user", p.Fields); len(extra) > 0 {
		merged := map[string]any{}
		for k, v := range p.User.AdditionalFields {
			merged[k] = v
		}
		for k, v := range extra {
			merged[k] = v
		}
		update.SetAdditionalFields(merged)
	}
	for _, s := range p.Set {
		s(update)
	}
	row, err := update.Save(ctx)
	if err != nil {
		return nil, refusedName(fmt.Errorf("changing a user: %w", err))
	}
	return row, u.index(ctx, tx, row)
}

// Delete removes a user with everything that is theirs, and empties what is kept of
// what names them (Lives.Erase, Events.Forget).
func (u *Users) Delete(ctx context.Context, id, by string) error {
	return u.delete(ctx, id, UserChange{By: by})
}

// ForceDelete is Delete by an administrator who insists (UserChange.Forced).
func (u *Users) ForceDelete(ctx context.Context, id string) error {
	return u.delete(ctx, id, UserChange{By: "admin-forced", Forced: true})
}

func (u *Users) delete(ctx context.Context, id string, change UserChange) error {
	return u.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		row, err := tx.User().Get(ctx, id)
		if ent.IsNotFound(err) {
			return ErrUserNotFound
		}
		if err != nil {
			return fmt.Errorf("reading a user: %w", err)
		}
		change.Tx, change.User = tx, row
		if err := u.moments.UserDeleting.Run(ctx, &change); err != nil {
			return err
		}
		if _, err := u.sessions.EndAll(ctx, EndedDeleted, id); err != nil {
			return err
		}
		if err := u.values.Void(ctx, id); err != nil {
			return err
		}
		if err := u.lives.Erase(ctx, tx, row); err != nil {
			return err
		}
		if err := tx.Unindex(ctx, "User", id); err != nil {
			return err
		}
		if err := tx.User().DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("deleting a user: %w", err)
		}
		if err := u.moments.UserDeleted.Run(ctx, &change); err != nil {
			return err
		}
		if err := u.events.Record(ctx, Event{Kind: "user.deleted", SubjectType: "user", Subject: id, Data: map[string]any{"by": change.By}}); err != nil {
			return err
		}
		return u.events.Forget(ctx, tx, id)
	})
}
