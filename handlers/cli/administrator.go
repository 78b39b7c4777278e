package cli

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/plugins/admin/adminapi"
)

// acting is the context of work of the command line: its principal outranks everyone,
// and what it does is recorded under its name.
func (a *app) acting(ctx context.Context, b *built) context.Context {
	core := b.host().Core
	ctx = auth.WithPrincipal(ctx, adminapi.CommandLine(core.Scopes, core.Clock()))
	return auth.WithOrigin(ctx, auth.Origin{Method: "CLI"})
}

// administration is what the admin plugin offers.
func administration(b *built) (adminapi.Administration, error) {
	return serviceOf[adminapi.Administration](b, pluginAdmin)
}

// firstAdministrator makes the administrator of the configuration, or prints the link
// by which a person becomes the first one (decisions 44, 62).
func (a *app) firstAdministrator(ctx context.Context, b *built) error {
	top := a.top()
	admin, err := administration(b)
	if err != nil {
		return a.plainUser(ctx, b)
	}
	if top.AdminEmail != "" {
		if top.AdminPassword.Empty() {
			return errors.New("admin_email is set without admin_password; set both, or none to claim the server by a link")
		}
		err := admin.EnsureAdministrator(ctx, top.AdminEmail, top.AdminPassword.Reveal(), top.AdminRole)
		if err != nil {
			return fmt.Errorf("making the administrator of admin_email: %w", err)
		}
	}
	link, err := admin.NewClaimLink(ctx, false)
	if err != nil {
		return fmt.Errorf("making a claim link: %w", err)
	}
	if link != "" {
		fmt.Fprintf(a.Stdout, "This server has no administrator yet. Open this link within 30 minutes to claim it:\n%s\n", link)
	}
	return nil
}

// plainUser makes the user of admin_email where no admin plugin runs: verified, without
// any role, once (decisions 61).
func (a *app) plainUser(ctx context.Context, b *built) error {
	top, core := a.top(), b.host().Core
	if top.AdminEmail == "" || top.AdminPassword.Empty() {
		return nil
	}
	known, err := core.Users.ByEmail(ctx, top.AdminEmail)
	if err != nil || known != nil {
		return err
	}
	password := top.AdminPassword.Reveal()
	err = core.Passwords.Choose(ctx, auth.NewPassword{Password: password, Path: "configuration"}, top.AdminEmail)
	if err != nil {
		return fmt.Errorf("admin_password: %w", err)
	}
	hash, err := core.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = core.Users.Create(ctx, auth.NewUser{Name: "Administrator", Email: top.AdminEmail, EmailVerified: true,
		PasswordHash: hash, By: "configuration"})
	return err
}

type claimLinkCommand struct{}

// Run prints a claim link for the first or a further owner.
func (claimLinkCommand) Run(ctx context.Context, a *app) error {
	return a.withServer(ctx, func(ctx context.Context, b *built) error {
		admin, err := administration(b)
		if err != nil {
			return err
		}
		link, err := admin.NewClaimLink(ctx, true)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Stdout, link)
		return nil
	})
}
