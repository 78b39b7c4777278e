package backup

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/random"
	"gatehouse/ent/database"
	"gatehouse/ent/job"
)

// JobName is the name under which the last backup is kept among the jobs.
const JobName = "backup"

// Note keeps that a backup was made.
func Note(ctx context.Context, db *database.DB, at time.Time) error {
	release, err := db.WriteLock(ctx)
	if err != nil {
		return fmt.Errorf("waiting to write: %w", err)
	}
	defer release()
	at = at.UTC()
	n, err := db.Client.Job.Update().Where(job.Name(JobName)).SetLastStartedAt(at).SetLastFinishedAt(at).Save(ctx)
	if err == nil && n == 0 {
		err = db.Client.Job.Create().SetID(random.ID()).SetName(JobName).SetLastStartedAt(at).SetLastFinishedAt(at).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("noting a backup: %w", err)
	}
	return nil
}
