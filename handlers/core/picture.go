package core

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// pictures is what all pictures are counted under.
const pictures = "/picture"

// pictureRule lets a few long lists be opened one after another.
var pictureRule = ratelimit.Rule{Window: 10 * time.Second, Max: 1000}

// SetPicture gives the caller a picture made of a file that they chose, and returns the
// current session with its changed user. The errors of the file may be shown beside the
// field "picture".
func (s *Service) SetPicture(ctx context.Context, current *auth.Current, file []byte) (*auth.Current, error) {
	made, err := s.h.Pictures.Make(ctx, auth.PictureAvatar, file)
	if err != nil {
		return nil, err
	}
	var after *ent.User
	err = s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		path, err := s.h.Pictures.Put(ctx, current.User.ID, auth.PictureAvatar, made)
		if err != nil {
			return err
		}
		after, err = s.h.Users.Patch(ctx, current.User.ID, "self", nil, func(u *ent.UserUpdateOne) { u.SetImage(s.h.Pictures.URL(path)) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return withUser(current, after), nil
}

// RemovePicture takes the caller's picture away: that of this server, and an address of
// one elsewhere.
func (s *Service) RemovePicture(ctx context.Context, current *auth.Current) (*auth.Current, error) {
	after, err := s.h.Users.Patch(ctx, current.User.ID, "self", nil, func(u *ent.UserUpdateOne) { u.ClearImage() })
	if err != nil {
		return nil, err
	}
	return withUser(current, after), nil
}

// dropPicture removes the stored picture of somebody whose image leads elsewhere now,
// whoever changed it.
func (s *Service) dropPicture(ctx context.Context, change *auth.UserChange) error {
	before, now := s.imageOf(change.Before), s.imageOf(change.User)
	if before == "" || before == now {
		return nil
	}
	row, err := s.h.Pictures.Get(ctx, before)
	if err != nil || row == nil || row.OwnerID == nil || *row.OwnerID != change.User.ID {
		return err
	}
	return s.h.Pictures.Remove(ctx, change.User.ID, auth.PictureAvatar)
}

// imageOf is the id of a person's picture on this server; empty when they have none.
func (s *Service) imageOf(u *ent.User) string {
	if u == nil || u.Image == nil {
		return ""
	}
	return s.h.Pictures.ID(*u.Image)
}

func (w wire) pictureRoutes() []plugins.Route {
	return []plugins.Route{{Method: http.MethodGet, Path: auth.PicturePath + ":id", Summary: "A picture of a person or of the server",
		Access: plugins.Access{Who: plugins.Nobody}, Handle: w.picture}}
}

// picture serves a picture to everybody, apps on other origins as well. Its address is
// new with every change, so it may be kept for ever.
func (w wire) picture(c *plugins.Call) error {
	row, err := w.h.Pictures.Get(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	h := c.Header
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if row == nil {
		h.Set("Cache-Control", "no-store")
		c.Writer.WriteHeader(http.StatusNotFound)
		return nil
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Etag", strconv.Quote(row.ID))
	if c.Request.Header.Get("If-None-Match") == strconv.Quote(row.ID) {
		c.Writer.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", row.MediaType)
	h.Set("Content-Length", strconv.Itoa(len(row.Data)))
	c.Writer.WriteHeader(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	_, err = c.Writer.Write(row.Data)
	return err
}
