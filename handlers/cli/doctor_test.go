package cli_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth/mail/mailtest"
	"gatehouse/ent/database/dbtest"
)

// TestDoctorMendsSearch stores a row behind the server's back.
func TestDoctorMendsSearch(t *testing.T) {
	db := dbtest.SQLite(t)
	environ := []string{"GATEHOUSE_DATABASE=sqlite:" + db.Path, "GATEHOUSE_DATA=" + t.TempDir(), "GATEHOUSE_SECRET=kQ1vYb7m3X0cZs9TnRwUe5Jd8Lf2HgPa"}
	if r := gatehouse(t, environ, "doctor"); r.code != 0 || !strings.Contains(r.out, "healthy") {
		t.Fatalf("before: %+v", r)
	}
	db.Client.User.Create().SetName("Ada").SetEmail("ada@example.com").ExecX(t.Context())
	if r := gatehouse(t, environ, "doctor"); r.code != 1 || !strings.Contains(r.out, "search index is out of step") || !strings.Contains(r.out, "not healthy") {
		t.Errorf("out of step: %+v", r)
	}
	if r := gatehouse(t, environ, "doctor", "--rebuild-search"); r.code != 0 {
		t.Errorf("mending: %+v", r)
	}
	if r := gatehouse(t, environ, "doctor", "--json"); r.code != 0 || !strings.Contains(r.out, `"search": []`) {
		t.Errorf("mended: %+v", r)
	}
}

// TestDoctorKnowsOfMail: mail that the server does not take is a warning.
func TestDoctorKnowsOfMail(t *testing.T) {
	db := dbtest.SQLite(t)
	environ := []string{"GATEHOUSE_DATABASE=sqlite:" + db.Path, "GATEHOUSE_DATA=" + t.TempDir(), "GATEHOUSE_SECRET=kQ1vYb7m3X0cZs9TnRwUe5Jd8Lf2HgPa", "GATEHOUSE_SMTP=" + mailtest.Start(t, mailtest.Options{}).URL()}
	const warning = "warning: mail does not arrive: connection refused (last tried 2030-01-02T03:04:05Z)"
	if r := gatehouse(t, environ, "doctor"); r.code != 0 || strings.Contains(r.out, "mail does not arrive") {
		t.Fatalf("before: %+v", r)
	}
	db.Client.Job.Create().SetName("deliver/mail").SetLastStartedAt(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)).SetLastError("connection refused").ExecX(t.Context())
	if r := gatehouse(t, environ, "doctor"); r.code != 0 || !strings.Contains(r.out, warning) {
		t.Errorf("it fails: %+v", r)
	}
}
