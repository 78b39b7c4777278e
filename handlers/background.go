package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/delivery"
	"gatehouse/ent/job"
	"gatehouse/plugins"
)

// Background bounds: how long a runner may hold a job, and how often sinks are served.
const (
	leaseFor     = 5 * time.Minute
	sinkPeriod   = 2 * time.Second
	sinkBatch    = 50
	maxSinkTries = 20
	taskPeriod   = 5 * time.Second
)

func (s *Server) runBackground(ctx context.Context) {
	ctx = auth.WithPrincipal(ctx, auth.System(auth.ServerSubject))
	ctx = auth.WithOrigin(ctx, auth.Origin{Method: "JOB"})
	var wg sync.WaitGroup
	wg.Go(func() { s.core.Messages.Run(ctx) })
	wg.Go(func() { s.every(ctx, sinkPeriod, s.serveSinks) })
	wg.Go(func() { s.workTasks(ctx) })
	for _, part := range s.registry.Parts {
		for _, j := range part.Jobs {
			if j.Everywhere {
				wg.Go(func() {
					s.every(ctx, j.Period, func(ctx context.Context) error { return s.safely(ctx, j.Run) })
				})
				continue
			}
			wg.Go(func() { s.runJob(ctx, part.ID, j) })
		}
	}
	wg.Wait()
}

// every calls fn periodically until the context ends; an error is logged.
func (s *Server) every(ctx context.Context, period time.Duration, fn func(context.Context) error) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "background work", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// workTasks works long acts off: at once when this server was asked for one, and
// otherwise whatever another left behind.
func (s *Server) workTasks(ctx context.Context) {
	tick := time.NewTicker(taskPeriod)
	defer tick.Stop()
	for {
		if err := s.safely(ctx, s.core.Tasks.Work); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "tasks", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.core.Tasks.Wake():
		case <-tick.C:
		}
	}
}

// runJob runs a job each period, in whichever process of the cluster takes the lease.
func (s *Server) runJob(ctx context.Context, plugin string, j plugins.Job) {
	owner := rand.Text()
	s.every(ctx, min(j.Period, time.Minute), func(ctx context.Context) error {
		taken, err := s.lease(ctx, plugin+"/"+j.Name, owner, j.Period)
		if err != nil || !taken {
			return err
		}
		runCtx, cancel := context.WithTimeout(ctx, leaseFor)
		defer cancel()
		return s.jobDone(ctx, plugin+"/"+j.Name, s.safely(runCtx, j.Run))
	})
}

// safely keeps a panic of one job from the others (SEC-230).
func (s *Server) safely(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return fn(ctx)
}

func (s *Server) lease(ctx context.Context, name, owner string, period time.Duration) (bool, error) {
	taken := false
	err := s.core.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		now := s.core.Clock()
		n, err := tx.Job().Update().Where(job.Name(name),
			job.Or(job.LeaseUntilIsNil(), job.LeaseUntilLTE(now)),
			job.Or(job.LastStartedAtIsNil(), job.LastStartedAtLTE(now.Add(-period)))).
			SetLeaseOwner(owner).SetLeaseUntil(now.Add(leaseFor)).SetLastStartedAt(now).Save(ctx)
		if err != nil {
			return err
		}
		taken = n == 1
		return nil
	})
	if err != nil || taken {
		return taken, err
	}
	exists, err := s.core.DB.Access(ctx).Job().Query().Where(job.Name(name)).Exist(ctx)
	if err != nil || exists {
		return false, err
	}
	err = s.core.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		return tx.Job().Create().SetID(random.ID()).SetName(name).Exec(ctx)
	})
	if ent.IsConstraintError(err) {
		err = nil
	}
	return false, err
}

func (s *Server) jobDone(ctx context.Context, name string, failure error) error {
	text := ""
	if failure != nil {
		text = failure.Error()
		s.log.ErrorContext(ctx, "job failed", "job", name, "error", failure)
	}
	return s.core.DB.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *auth.Tx) error {
		_, err := tx.Job().Update().Where(job.Name(name)).ClearLeaseUntil().SetLastFinishedAt(s.core.Clock()).SetLastError(text).Save(ctx)
		return err
	})
}

// serveSinks hands events to the sinks that wait for them, at least once.
func (s *Server) serveSinks(ctx context.Context) error {
	if len(s.core.Moments.Sinks) == 0 {
		return nil
	}
	due, err := s.core.DB.Access(ctx).Delivery().Query().Where(delivery.NextAttemptAtLTE(s.core.Clock())).
		Order(ent.Asc(delivery.FieldCreatedAt)).Limit(sinkBatch).All(ctx)
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := s.deliver(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) deliver(ctx context.Context, d *ent.Delivery) error {
	claimed := 0
	err := s.core.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) (err error) {
		wait := min(2*time.Second<<min(d.Attempts, 12), time.Hour)
		claimed, err = tx.Delivery().Update().Where(delivery.ID(d.ID), delivery.Attempts(d.Attempts)).
			AddAttempts(1).SetNextAttemptAt(s.core.Clock().Add(wait)).Save(ctx)
		return err
	})
	if err != nil || claimed == 0 {
		return err
	}
	failure := s.safely(ctx, func(ctx context.Context) error { return s.toSink(ctx, d) })
	return s.core.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if failure == nil || d.Attempts+1 >= maxSinkTries {
			if failure != nil {
				s.log.ErrorContext(ctx, "event given up", "sink", d.Sink, "error", failure)
			}
			return tx.Delivery().DeleteOneID(d.ID).Exec(ctx)
		}
		return tx.Delivery().UpdateOneID(d.ID).SetLastError(failure.Error()).Exec(ctx)
	})
}

func (s *Server) toSink(ctx context.Context, d *ent.Delivery) error {
	row, err := s.core.DB.Access(ctx).Event().Get(ctx, d.EventID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, sink := range s.core.Moments.Sinks {
		if sink.Plugin+"/"+sink.Name == d.Sink {
			return sink.Deliver(ctx, auth.EventOf(row))
		}
	}
	return nil
}
