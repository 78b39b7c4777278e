package organization

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/plugins"
)

func (s *Service) jobs() []plugins.Job {
	return []plugins.Job{{Name: "periods", Words: "End memberships and roles of organizations that are over", Period: time.Minute, Run: s.EndOver},
		{Name: "domains", Words: "Look for the records of mail domains again", Period: time.Hour, Run: s.recheck}}
}

// EndOver ends memberships and roles whose time is over. They gave nothing any more; this
// takes them out of the lists, and says that they ended.
func (s *Service) EndOver(ctx context.Context) error {
	for {
		rows, err := s.host.DB.Access(ctx).Platform().Member().Query().Where(member.EndsAtLTE(s.now())).Order(ent.Asc(member.FieldEndsAt)).Limit(batch).All(ctx)
		if err != nil {
			return fmt.Errorf("reading memberships that are over: %w", err)
		}
		for _, row := range rows {
			err := s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
				now, err := tx.Organization(row.OrganizationID).Member().Query().Where(member.ID(row.ID), member.EndsAtLTE(s.now())).Only(ctx)
				if err != nil {
					return err // gone, or prolonged, meanwhile
				}
				return s.end(ctx, tx, now, eventMemberEnded)
			})
			if err != nil && !ent.IsNotFound(err) && !errors.Is(err, ErrMemberNotFound) {
				return err
			}
		}
		if len(rows) < batch {
			return s.endRolesOver(ctx)
		}
	}
}

func (s *Service) endRolesOver(ctx context.Context) error {
	for {
		rows, err := s.host.DB.Access(ctx).Platform().MemberRole().Query().Where(memberrole.EndsAtLTE(s.now())).WithMember().
			Order(ent.Asc(memberrole.FieldEndsAt)).Limit(batch).All(ctx)
		if err != nil {
			return fmt.Errorf("reading roles that are over: %w", err)
		}
		for _, row := range rows {
			err := s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error { return s.endRole(ctx, tx, row, true) })
			if err != nil {
				return err
			}
		}
		if len(rows) < batch {
			return nil
		}
	}
}
