package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent/setting"
)

// signUpSetting is the setting that the claim page asks about (decisions 45).
const signUpSetting = "sign_up.enabled"

// openSignUp stores who may make an account. A value that flag, environment or file
// hold stays as it is. The change takes effect after the commit.
func (s *Service) openSignUp(ctx context.Context, tx *auth.Tx, open bool, by string) error {
	f, known := s.host.Settings.Field(signUpSetting)
	if !known || !f.Editable() {
		return nil
	}
	value := json.RawMessage(strconv.FormatBool(open))
	err := tx.Setting().Create().SetID(random.ID()).SetKey(signUpSetting).SetValue(string(value)).SetUpdatedAt(s.now()).SetUpdatedBy(by).
		OnConflictColumns(setting.FieldKey).UpdateValue().UpdateUpdatedAt().UpdateUpdatedBy().Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing %s: %w", signUpSetting, err)
	}
	tx.AfterCommit(func(ctx context.Context) { s.applySetting(ctx, signUpSetting, value) })
	return nil
}

func (s *Service) applySetting(ctx context.Context, key string, value json.RawMessage) {
	stored := s.host.Settings.Stored()
	if stored == nil {
		stored = map[string]json.RawMessage{}
	}
	stored[key] = value
	err := s.host.Settings.Apply(stored)
	if err == nil {
		err = s.host.Server.Refresh()
	}
	if err != nil {
		s.host.Log.ErrorContext(ctx, "setting stored but not in force", "key", key, "error", err)
	}
}
