package organization

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gatehouse/auth"
	"gatehouse/auth/picture"
	"gatehouse/auth/schema"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// pictureOf is the purpose of the picture of one organization. It belongs to no person.
func pictureOf(org string) auth.PicturePurpose { return auth.PicturePurpose("organization/" + org) }

// settingsView is the page to change an organization.
type settingsView struct {
	head
	Form    web.Form
	Picture web.Form
	Remote  bool // the logo lies elsewhere and is not shown here
	Limit   int  // of members, as the settings say
	Delete  web.Confirm
	// May says what the reader may do.
	MayUpdate, MayLimit, MayDelete bool
}

func (s *Service) settingsPage(c *plugins.Call) error {
	return s.drawSettings(c, http.StatusOK, web.Form{}, web.Form{})
}

func (s *Service) drawSettings(c *plugins.Call, status int, form, pic web.Form) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	v := settingsView{head: h, Form: form, Picture: pic, Limit: s.cfg.Get().MemberLimit,
		MayUpdate: h.can(ScopeUpdate), MayLimit: h.Actor.p.Can(ScopeLimits), MayDelete: s.mayDelete(h)}
	logo := listed(h.Org).Logo
	v.Remote = logo != "" && s.host.Pictures.ID(logo) == ""
	v.Delete = ask.At(deleteQuestion(h), "ask-delete", h.url("/delete"))
	return c.Page(status, v)
}

// mayDelete reports whether the reader may delete the organization at all.
func (s *Service) mayDelete(h head) bool {
	return h.can(ScopeDelete) && (s.cfg.Get().Deletion || h.Actor.p.Can(ScopeDelete))
}

func (s *Service) saveSettings(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	slug := h.Org.Slug
	if err = s.storeSettings(c, h, &slug); err != nil {
		form, status, ok := ask.Refused(c, err)
		if !ok {
			return err
		}
		return s.drawSettings(c, status, form, web.Form{})
	}
	c.Flash("good", "The organization is saved.")
	return c.SeeOther(plugins.Organization{Slug: slug}.Path("/settings"))
}

func (s *Service) storeSettings(c *plugins.Call, h head, slug *string) error {
	if c.Request.PostForm.Has("limit") {
		var limit *int
		if text := c.Form("limit"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > maxMemberLimit {
				return auth.ErrValidation.Saying("Use a whole number, or leave it empty.").At("limit")
			}
			limit = &n
		}
		return s.SetMemberLimit(c.Context(), h.Org.ID, limit)
	}
	name := c.Form("name")
	if name == "" {
		return auth.ErrMissingField.Saying("A name is needed").At("name")
	}
	*slug = c.Form("slug")
	if !goodSlug(*slug) {
		*slug = h.Org.Slug
		return errSlug
	}
	_, err := s.Update(c.Context(), h.Org.ID, Change{Name: &name, Slug: slug})
	return shortNameTaken(err)
}

// shortNameTaken says an answer of the wire in the words of the form.
func shortNameTaken(err error) error {
	if errors.Is(err, ErrSlugTaken) || errors.Is(err, ErrExists) {
		return ErrSlugTaken.Saying("This short name is taken.").At("slug")
	}
	return err
}

// maxMemberLimit bounds the limit of members.
const maxMemberLimit = 10_000_000

// errSlug refuses a short name that does not fit an address. The wire takes any text.
var errSlug = auth.ErrValidation.Saying("Use letters, digits, - and _, at most 64.").At("slug")

// errNoSlug is errSlug where none is typed and the name has no letters for one.
var errNoSlug = auth.ErrValidation.Saying("The name has no letters for a short name. Choose one with letters, digits, - and _.").At("slug")

func goodSlug(slug string) bool {
	return slug != "" && len(slug) <= 64 && strings.IndexFunc(slug, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

// saveLogo takes the file of the form as the organization's picture.
func (s *Service) saveLogo(c *plugins.Call) error {
	err := s.storeLogo(c)
	if err == nil {
		c.Flash("good", "The picture is saved.")
		return c.SeeOther(c.Organization.Path("/settings"))
	}
	form, status, ok := ask.Refused(c, err)
	if !ok {
		return err
	}
	return s.drawSettings(c, status, web.Form{}, form)
}

func (s *Service) storeLogo(c *plugins.Call) error {
	file, err := c.File("picture")
	if err != nil {
		return err
	}
	made, err := s.host.Pictures.Make(c.Context(), pictureOf(c.Organization.ID), file)
	if err != nil {
		return err
	}
	return s.host.DB.InTx(c.Context(), func(ctx context.Context, _ *auth.Tx) error {
		path, err := s.host.Pictures.Put(ctx, "", pictureOf(c.Organization.ID), made)
		if err != nil {
			return err
		}
		at := s.host.Pictures.URL(path)
		_, err = s.Update(ctx, c.Organization.ID, Change{Logo: schema.Maybe[string]{Present: true, Value: at}})
		return err
	})
}

func (s *Service) removeLogo(c *plugins.Call) error {
	err := s.host.DB.InTx(c.Context(), func(ctx context.Context, _ *auth.Tx) error {
		if _, err := s.Update(ctx, c.Organization.ID, Change{Logo: schema.Maybe[string]{Present: true, Null: true}}); err != nil {
			return err
		}
		return s.host.Pictures.Remove(ctx, "", pictureOf(c.Organization.ID))
	})
	if err != nil {
		return err
	}
	c.Flash("good", "The picture is removed.")
	return c.SeeOther(c.Organization.Path("/settings"))
}

// maxUpload bounds the form of a picture.
const maxUpload = picture.MaxBytes + 64<<10

func deleteQuestion(h head) web.Confirm {
	return web.Confirm{Title: words.F("Delete %s?", h.Org.Name), Verb: "Delete organization", Danger: true, Expect: h.Org.Slug,
		Text: "Members, teams, invitations, roles and keys go with it, for good. The people keep their accounts."}
}

// deleteAct asks before an organization is deleted.
func (s *Service) deleteAct() ask.Act[head] {
	return ask.Act[head]{
		Path: inside + "/delete", Summary: "Delete an organization", Access: plugins.Within(ScopeDelete), Dangerous: true,
		Load: func(c *plugins.Call) (head, error) {
			h, err := s.head(c)
			if err == nil && !s.mayDelete(h) {
				err = auth.ErrForbidden.ForIn(h.Actor.org, ScopeDelete)
			}
			return h, err
		},
		Question: func(_ *plugins.Call, h head) web.Confirm { return deleteQuestion(h) },
		Trail:    func(c *plugins.Call, _ head) []web.Crumb { return trailOf(c, "Settings", "/settings") },
		Do: func(c *plugins.Call, h head) error {
			if !strings.EqualFold(c.Form("confirm"), h.Org.Slug) {
				return auth.ErrValidation.Saying("This is not the short name.").At("confirm")
			}
			if _, err := s.Delete(c.Context(), h.Org.ID); err != nil {
				return err
			}
			c.Flash("good", words.F("%s is deleted.", h.Org.Name))
			return c.SeeOther("/admin")
		},
	}
}

// leaveAct asks before somebody leaves.
func (s *Service) leaveAct() ask.Act[head] {
	return ask.Act[head]{
		Path: inside + "/leave", Summary: "Leave an organization", Access: plugins.Within(ScopeRead),
		Load: func(c *plugins.Call) (head, error) {
			h, err := s.head(c)
			if err == nil && h.Actor.member == nil {
				err = errNoPage
			}
			return h, err
		},
		Question: func(_ *plugins.Call, h head) web.Confirm { return h.leaveQuestion() },
		Trail: func(c *plugins.Call, h head) []web.Crumb {
			return []web.Crumb{{Label: words.Raw(h.Org.Name), Href: h.url("")}}
		},
		Do: func(c *plugins.Call, h head) error {
			if _, err := s.Leave(c.Context(), h.Org.ID); err != nil {
				return err
			}
			c.Flash("good", words.F("You left %s.", h.Org.Name))
			return c.SeeOther(placesPath)
		},
	}
}

// newView is the form to make an organization.
type newView struct {
	Form  web.Form
	Admin bool // makes it for others
	Back  string
}

func (s *Service) newPage(c *plugins.Call) error {
	return c.Page(http.StatusOK, s.newView(c, web.Form{Values: url.Values{}}))
}

func (s *Service) newView(c *plugins.Call, form web.Form) newView {
	if strings.HasPrefix(c.Request.URL.Path, organizationsPath) {
		return newView{form, true, organizationsPath}
	}
	return newView{form, false, placesPath}
}

func (s *Service) doNew(c *plugins.Call) error {
	v := s.newView(c, web.Form{})
	made, err := s.make(c, v.Admin)
	if err == nil {
		c.Flash("good", words.F("%s is made.", made.Organization.Name))
		return c.SeeOther(listed(made.Organization).Path(""))
	}
	form, status, ok := ask.Refused(c, err)
	if !ok {
		return err
	}
	v.Form = form
	return c.Page(status, v)
}

func (s *Service) make(c *plugins.Call, forOthers bool) (*Made, error) {
	n := NewOrganization{Name: c.Form("name"), Slug: c.Form("slug"), KeepActive: forOthers}
	if n.Name == "" {
		return nil, auth.ErrMissingField.Saying("A name is needed").At("name")
	}
	if n.Slug == "" {
		if n.Slug = slugOf(n.Name); n.Slug == "" {
			return nil, errNoSlug
		}
	}
	if !goodSlug(n.Slug) {
		return nil, errSlug
	}
	if address := c.Form("owner"); forOthers && address != "" {
		u, err := s.host.Users.ByEmail(c.Context(), address)
		if err != nil {
			return nil, err
		}
		if u == nil {
			return nil, auth.ErrValidation.Saying("Nobody has this address.").At("owner")
		}
		n.Owner = u.ID
	}
	made, err := s.Create(c.Context(), n)
	return made, shortNameTaken(err)
}

// spelled are letters that are written with others where they are not known; the rest lose
// their marks.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "o", "æ", "ae", "œ", "oe", "ð", "d", "đ", "d", "þ", "th", "ł", "l", "ı", "i")

// slugOf makes a short name of a name.
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(spelled.Replace(norm.NFC.String(strings.ToLower(name)))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // a mark
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.Trim(b.String(), "-")
	if len(slug) > 48 {
		slug = strings.Trim(slug[:48], "-")
	}
	return slug
}
