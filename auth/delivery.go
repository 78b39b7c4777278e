package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/mail"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/job"
)

// Deliveries is how the deliveries of a channel go.
type Deliveries struct {
	// Problem is why the last one failed, in the words of the other side; "" when it worked,
	// or when none was tried.
	Problem string
	Since   time.Time // when the problem was met last
}

// deliveryJob is the name under which the outcome of a channel is kept among the jobs.
func deliveryJob(channel string) string { return "deliver/" + channel }

// Deliveries tells whether messages of a channel arrive where they should. Tests count; a
// message that was refused for its recipient or its content does not, once another one
// was taken: that is no fault of the channel.
func (m *Messages) Deliveries(ctx context.Context, channel string) (Deliveries, error) {
	row, err := m.outcome(ctx, channel)
	if err != nil || row == nil || row.LastError == "" {
		return Deliveries{}, err
	}
	d := Deliveries{Problem: row.LastError}
	if row.LastStartedAt != nil {
		d.Since = *row.LastStartedAt
	}
	return d, nil
}

// outcome is the kept outcome of a channel; nil while nothing was tried.
func (m *Messages) outcome(ctx context.Context, channel string) (*ent.Job, error) {
	row, err := m.db.Access(ctx).Job().Query().Where(job.Name(deliveryJob(channel))).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, wrap("reading how deliveries go", err)
}

// tried keeps the outcome of a delivery. It is no part of the delivery: what fails here is
// logged. An attempt that the end of the server cut short is none, nor is one without a way
// out.
func (m *Messages) tried(ctx context.Context, channel string, failure error) {
	if ctx.Err() != nil || m.Ready(ctx, channel) != nil {
		return
	}
	if err := m.keepOutcome(ctx, channel, failure); err != nil {
		m.log.WarnContext(ctx, "keeping how a delivery went", "channel", channel, "error", err)
	}
}

func (m *Messages) keepOutcome(ctx context.Context, channel string, failure error) error {
	row, err := m.outcome(ctx, channel)
	if err != nil {
		return err
	}
	worked := row != nil && row.LastFinishedAt != nil
	if worked && (failure == nil && row.LastError == "" || failure != nil && mail.Permanent(failure)) {
		return nil // nothing that would be news
	}
	now, problem := m.clock(), ""
	if failure != nil {
		problem = failure.Error()
	}
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		create := tx.Job().Create().SetID(random.ID()).SetName(deliveryJob(channel)).SetLastStartedAt(now).SetLastError(problem)
		if failure == nil {
			create.SetLastFinishedAt(now)
		}
		err := create.OnConflictColumns(job.FieldName).Update(func(u *ent.JobUpsert) {
			u.SetLastStartedAt(now).SetLastError(problem)
			if failure == nil {
				u.SetLastFinishedAt(now)
			}
		}).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping how a delivery went: %w", err)
		}
		return nil
	})
}
