package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"gatehouse/auth/picture"
	"gatehouse/auth/random"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/schema/core"
	"gatehouse/ent/upload"
)

// PicturePath is where pictures are served; the id follows.
const PicturePath = "/picture/"

// PicturePurpose is what a picture is for. There is one picture of a purpose and owner.
type PicturePurpose string

// The purposes of the core.
const (
	PictureAvatar   PicturePurpose = "avatar"    // of a person
	PictureLogo     PicturePurpose = "logo"      // of the server, on light ground
	PictureLogoDark PicturePurpose = "logo-dark" // of the server, on dark ground
)

// shape is what pictures of a purpose are brought to.
func (p PicturePurpose) shape() picture.Shape {
	if p == PictureAvatar {
		return picture.Shape{Width: 512, Height: 512, Square: true, Bytes: core.MaxUpload}
	}
	return picture.Shape{Width: 512, Height: 256, Bytes: core.MaxUpload}
}

// Refusals of uploads. Each is told beside the field "picture".
var (
	ErrPictureMissing = E(http.StatusBadRequest, "PICTURE_MISSING", "Choose a picture first.").At("picture")
	ErrPictureLarge   = E(http.StatusRequestEntityTooLarge, "PICTURE_TOO_LARGE", "This file is too large. A picture may have up to 5 MB.").At("picture")
	ErrPicturePixels  = E(http.StatusBadRequest, "PICTURE_TOO_MANY_PIXELS", "This picture has too many pixels. Make it smaller first.").At("picture")
	ErrPictureVector  = E(http.StatusBadRequest, "PICTURE_NOT_ALLOWED", "SVG files may hold scripts and are not taken. Save it as PNG first.").At("picture")
	ErrPictureKind    = E(http.StatusBadRequest, "PICTURE_NOT_ALLOWED", "This is not a picture that can be read. Choose a PNG, JPEG, GIF or WebP file.").At("picture")
	ErrPictureBroken  = E(http.StatusBadRequest, "PICTURE_DAMAGED", "This file is damaged. Save the picture again and choose the new file.").At("picture")
)

var pictureErrors = map[error]*Error{
	picture.ErrEmpty: ErrPictureMissing, picture.ErrBytes: ErrPictureLarge, picture.ErrPixels: ErrPicturePixels,
	picture.ErrVector: ErrPictureVector, picture.ErrKind: ErrPictureKind, picture.ErrBroken: ErrPictureBroken,
}

// Pictures keeps the pictures that this server shows: avatars and logos, encoded anew.
type Pictures struct {
	db    *DB
	clock Clock
	cfg   *settings.Core
	maker *picture.Maker
}

// Make encodes a file anew for a purpose. It takes time and memory: call it outside
// transactions. Its errors may be shown beside the field "picture".
func (p *Pictures) Make(ctx context.Context, purpose PicturePurpose, file []byte) (picture.Picture, error) {
	made, err := p.maker.Make(ctx, file, purpose.shape())
	for known, shown := range pictureErrors {
		if errors.Is(err, known) {
			return made, shown.Because(err)
		}
	}
	if errors.Is(err, picture.ErrBusy) {
		busy := *ErrBusy
		busy.RetryAfter, busy.Cause = 5*time.Second, err
		return made, &busy
	}
	return made, err
}

// Put stores a picture in place of the owner's former one and returns its path. The
// owner is a user's id, or "" for the server itself.
func (p *Pictures) Put(ctx context.Context, owner string, purpose PicturePurpose, made picture.Picture) (string, error) {
	id := random.ID()
	err := p.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		if err := p.Remove(ctx, owner, purpose); err != nil {
			return err
		}
		create := tx.Upload().Create().SetID(id).SetPurpose(string(purpose)).SetMediaType(made.MediaType).SetData(made.Data).SetCreatedAt(p.clock())
		if owner != "" {
			create.SetOwnerID(owner)
		}
		if err := create.Exec(ctx); err != nil {
			return fmt.Errorf("storing a picture: %w", err)
		}
		return nil
	})
	return PicturePath + id, err
}

// Remove deletes the owner's picture of a purpose; that there is none is no error.
func (p *Pictures) Remove(ctx context.Context, owner string, purpose PicturePurpose) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		of := upload.OwnerIDIsNil()
		if owner != "" {
			of = upload.OwnerID(owner)
		}
		if _, err := tx.Upload().Delete().Where(of, upload.Purpose(string(purpose))).Exec(ctx); err != nil {
			return fmt.Errorf("removing a picture: %w", err)
		}
		return nil
	})
}

// Get finds a picture by its id; nil when there is none.
func (p *Pictures) Get(ctx context.Context, id string) (*ent.Upload, error) {
	row, err := p.db.Access(ctx).Upload().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a picture: %w", err)
	}
	return row, nil
}

// URL is the absolute address of a path of a picture, as the wire has it.
func (p *Pictures) URL(path string) string { return p.cfg.Top.Current().Origin() + path }

// ID is the id in the address of a picture of this server, absolute or not; "" for any
// other address.
func (p *Pictures) ID(address string) string {
	id, ok := strings.CutPrefix(strings.TrimPrefix(address, p.cfg.Top.Current().Origin()), PicturePath)
	if !ok {
		return ""
	}
	return id
}
