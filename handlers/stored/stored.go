// Package stored keeps the settings of the console in the database. Values of secret
// settings are sealed there.
package stored

import (
	"context"
	"encoding/json"
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/setting"
)

// purpose separates the key of sealed settings from all others.
const purpose = "setting"

// maxRows bounds what is read; no build has nearly as many settings.
const maxRows = 10_000

// Load reads all stored values by key, secrets in clear, as Set.Apply takes them.
// A value that no secret of the ring opens is an error that names the key.
func Load(ctx context.Context, db *auth.DB, set *settings.Set, keys *secret.Ring) (map[string]json.RawMessage, error) {
	rows, err := db.Access(ctx).Setting().Query().Limit(maxRows).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading stored settings: %w", err)
	}
	values := make(map[string]json.RawMessage, len(rows))
	for _, row := range rows {
		text := row.Value
		if isSecret(set, row.Key) {
			if text, err = keys.Open(purpose, text); err != nil {
				return nil, fmt.Errorf("stored setting %s: %w", row.Key, err)
			}
		}
		values[row.Key] = json.RawMessage(text)
	}
	return values, nil
}

// Write stores values by key in the transaction, in place of former ones. by is the id
// of the person who changed them.
func Write(ctx context.Context, tx *auth.Tx, set *settings.Set, keys *secret.Ring, by string, values map[string]json.RawMessage) error {
	for key, value := range values {
		text := string(value)
		if isSecret(set, key) {
			text = keys.Seal(purpose, text)
		}
		if err := put(ctx, tx, key, text, by); err != nil {
			return fmt.Errorf("storing the setting %s: %w", key, err)
		}
	}
	return nil
}

func put(ctx context.Context, tx *auth.Tx, key, text, by string) error {
	n, err := tx.Setting().Update().Where(setting.Key(key)).SetValue(text).SetUpdatedBy(by).Save(ctx)
	if err != nil || n > 0 {
		return err
	}
	return tx.Setting().Create().SetID(random.ID()).SetKey(key).SetValue(text).SetUpdatedBy(by).Exec(ctx)
}

// Remove takes stored values away, so that defaults hold again.
func Remove(ctx context.Context, tx *auth.Tx, keys ...string) error {
	if _, err := tx.Setting().Delete().Where(setting.KeyIn(keys...)).Exec(ctx); err != nil {
		return fmt.Errorf("removing stored settings: %w", err)
	}
	return nil
}

func isSecret(set *settings.Set, key string) bool {
	f, ok := set.Field(key)
	return ok && f.Secret
}
