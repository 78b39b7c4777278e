package core_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/upload"
	"gatehouse/handlers/servertest"
)

// drawn is a PNG file of one colour.
func drawn(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	for y := range 20 {
		for x := range 30 {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func uploads(t *testing.T, rig *servertest.Rig, owner string) int {
	t.Helper()
	n, err := rig.Host.DB.Access(t.Context()).Upload().Query().Where(upload.OwnerID(owner)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPicture: a picture has an address on this server that everybody may load, and goes
// when another comes, when the image leads elsewhere, and with its owner.
func TestPicture(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Ada", "ada@example.test")
	rig.SignUp("Bob", "bob@example.test")
	u := rig.User("ada@example.test")
	give := func(c color.Color) string {
		t.Helper()
		next, err := rig.Service().SetPicture(t.Context(), &auth.Current{User: rig.User("ada@example.test")}, drawn(t, c))
		if err != nil {
			t.Fatal(err)
		}
		return *next.User.Image
	}
	first := give(color.White)
	if got := b.Get("/api/auth/get-session").Text("user.image"); got != first || !strings.HasPrefix(first, rig.Origin+"/picture/") {
		t.Fatalf("the wire has %q, want %q", got, first)
	}
	stranger := rig.Browser()
	a := stranger.Visit(first).Want(200, "")
	for name, want := range map[string]string{"Content-Type": "image/png", "Cache-Control": "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if c, err := png.DecodeConfig(bytes.NewReader(a.Body)); err != nil || c.Width != 20 || c.Height != 20 {
		t.Errorf("served %v: %v", c, err)
	}
	stranger.Header.Set("If-None-Match", a.Header.Get("Etag"))
	if again := stranger.Visit(first); again.Status != http.StatusNotModified || len(again.Body) > 0 {
		t.Errorf("asked again: %d", again.Status)
	}
	second := give(color.Black)
	if first == second {
		t.Error("a new picture has the old address")
	}
	if gone := rig.Browser().Visit(first); gone.Status != 404 || len(gone.Body) > 0 || gone.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the former picture answers %d", gone.Status)
	}
	b.Post("/api/auth/update-user", map[string]any{"name": "Ada L"}).Want(200, "")
	if uploads(t, rig, u.ID) != 1 {
		t.Error("a change of the name took the picture")
	}
	b.Post("/api/auth/update-user", map[string]any{"image": "https://elsewhere.test/a.png"}).Want(200, "")
	if uploads(t, rig, u.ID) != 0 {
		t.Error("a picture that nobody shows is kept")
	}
	third := give(color.White)
	if _, err := rig.Service().RemovePicture(t.Context(), &auth.Current{User: rig.User("ada@example.test")}); err != nil {
		t.Fatal(err)
	}
	rig.Browser().Visit(third).Want(404, "")
	fourth := give(color.White)
	if err := rig.Host.Users.Delete(t.Context(), u.ID, "test"); err != nil {
		t.Fatal(err)
	}
	rig.Browser().Visit(fourth).Want(404, "")
}

// TestPictureOfAnother: naming somebody's picture as one's own removes nothing of theirs.
func TestPictureOfAnother(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Ada", "ada@example.test")
	b := rig.SignUp("Bob", "bob@example.test")
	next, err := rig.Service().SetPicture(t.Context(), &auth.Current{User: rig.User("ada@example.test")}, drawn(t, color.White))
	if err != nil {
		t.Fatal(err)
	}
	b.Post("/api/auth/update-user", map[string]any{"image": *next.User.Image}).Want(200, "")
	b.Post("/api/auth/update-user", map[string]any{"image": nil}).Want(200, "")
	rig.Browser().Visit(*next.User.Image).Want(200, "")
}

func TestPictureRefused(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Ada", "ada@example.test")
	_, err := rig.Service().SetPicture(t.Context(), &auth.Current{User: rig.User("ada@example.test")}, []byte("<svg onload=alert(1)>"))
	if e := auth.AsError(err); e.Status != 400 || e.Code != "PICTURE_NOT_ALLOWED" || e.Fields["picture"] == "" {
		t.Errorf("%v", err)
	}
}
