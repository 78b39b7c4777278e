package admin

import (
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/plugins"
)

// giveTimedRolePage gives a person a role for a time.
func (s *Service) giveTimedRolePage(c *plugins.Call) error {
	u, err := s.find(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	start, end, err := s.readTerm(c)
	if err == nil {
		_, err = s.GrantTimedRole(c.Context(), u.ID, c.Form("role"), start, end)
	}
	if err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return s.drawAccess(c, status, form)
	}
	c.Flash("good", words.F("%s has the role %s for this time.", shownName(u), auth.RoleWords(c.Form("role"))))
	return c.SeeOther(userURL(u.ID, "access"))
}

// readTerm reads from when until when a role is to hold: the day is the reader's.
func (s *Service) readTerm(c *plugins.Call) (start, end time.Time, err error) {
	life, err := settings.ParseDuration(c.Form("life"))
	if err != nil || life <= 0 {
		return start, end, auth.ErrValidation.Saying("This is not a length of time.").At("life")
	}
	begin := s.now()
	if day := c.Form("from"); day != "" {
		at, err := time.ParseInLocation(time.DateOnly, day, c.View.Zone(c))
		if err != nil {
			return start, end, auth.ErrValidation.Saying("This is not a day.").At("from")
		}
		if at.After(begin) {
			start, begin = at.UTC(), at.UTC()
		}
	}
	end = begin.Add(life)
	if end.Sub(s.now()) > maxRoleLife {
		return start, end, auth.ErrValidation.Saying("A role for a time ends within a year.").At("life")
	}
	return start, end, nil
}

// endTimedRolePage takes a role for a time away.
func (s *Service) endTimedRolePage(c *plugins.Call) error {
	u, err := s.find(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.EndTimedRole(c.Context(), u.ID, c.Form("timed")); err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok || status == http.StatusNotFound {
			return err
		}
		return s.drawAccess(c, status, form)
	}
	c.Flash("good", "The role is over.")
	return c.SeeOther(userURL(u.ID, "access"))
}
