package auth

import (
	"context"
	"fmt"
	"net/http"

	"gatehouse/auth/random"
	"gatehouse/ent/preference"
)

// Names of the preferences that every page looks at.
const (
	PreferLanguage = "language" // BCP 47; none: as the browser says
	PreferTheme    = "theme"    // "light" or "dark"; none: as the device says
	PreferZone     = "zone"     // IANA name; none: as the browser says
)

// Bounds of what one person may keep.
const (
	maxPreferences = 200
	maxPreference  = 16 << 10 // bytes of one value
)

// ErrTooManyPreferences refuses more than 200 preferences, or one above 16 KiB.
var ErrTooManyPreferences = E(http.StatusUnprocessableEntity, "TOO_MANY_PREFERENCES", "You keep too many choices here. Remove some first.")

// Preferences are the choices of people about their own pages.
type Preferences struct{ db *DB }

// Of returns all preferences of a person by name; none is an empty map.
func (p *Preferences) Of(ctx context.Context, user string) (map[string]string, error) {
	rows, err := p.db.Access(ctx).Preference().Query().Where(preference.UserID(user)).Limit(maxPreferences).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading preferences: %w", err)
	}
	all := make(map[string]string, len(rows))
	for _, row := range rows {
		all[row.Name] = row.Value
	}
	return all, nil
}

// Set keeps a choice; the empty value forgets it.
func (p *Preferences) Set(ctx context.Context, user, name, value string) error {
	if len(value) > maxPreference || len(name) > 255 {
		return ErrTooManyPreferences
	}
	return p.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		if value == "" {
			_, err := tx.Preference().Delete().Where(preference.UserID(user), preference.Name(name)).Exec(ctx)
			return err
		}
		n, err := tx.Preference().Query().Where(preference.UserID(user), preference.NameNEQ(name)).Count(ctx)
		if err != nil {
			return fmt.Errorf("counting preferences: %w", err)
		}
		if n >= maxPreferences {
			return ErrTooManyPreferences
		}
		return tx.Preference().Create().SetID(random.ID()).SetUserID(user).SetName(name).SetValue(value).
			OnConflictColumns(preference.FieldUserID, preference.FieldName).UpdateValue().UpdateUpdatedAt().Exec(ctx)
	})
}
