package handlers

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent/database"
	"gatehouse/plugins"
)

// finish writes the answer of an endpoint: cookies and headers set so far are kept on
// success and on errors (better-auth core 1.5).
func (s *Server) finish(c *plugins.Call, result any, err error) error {
	h := c.Header
	for _, line := range c.Cookies.Lines() {
		h.Add("Set-Cookie", line)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if err != nil {
		return s.writeError(c, err)
	}
	status := c.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch r := result.(type) {
	case plugins.Redirect:
		h.Set("Location", r.URL)
		h.Set("Content-Type", "application/json")
		c.Writer.WriteHeader(http.StatusFound)
		return nil
	case plugins.Page:
		return s.writePage(c, r)
	case plugins.Plain:
		h.Set("Content-Type", r.ContentType)
		c.Writer.WriteHeader(orOK(r.Status))
		_, err := c.Writer.Write(r.Body)
		return err
	}
	return writeJSON(c.Writer, status, result)
}

func orOK(status int) int {
	if status == 0 {
		return http.StatusOK
	}
	return status
}

// writeError encodes an error in the wire's shape. A failed call whose body a hook
// replaced keeps its status.
func (s *Server) writeError(c *plugins.Call, err error) error {
	e := s.explain(c.Context(), err)
	if e.RetryAfter > 0 {
		retryAfter(c.Header, e)
	}
	if e.Bare {
		c.Header.Set("Content-Type", "application/json")
		c.Writer.WriteHeader(e.Status)
		return nil
	}
	if c.Result != nil {
		return writeJSON(c.Writer, e.Status, c.Result)
	}
	return writeJSON(c.Writer, e.Status, s.errorBody(c, e))
}

// explain turns any error into one that may be shown, and logs what must not be.
func (s *Server) explain(ctx context.Context, err error) *auth.Error {
	e := auth.AsError(err)
	if e.Status < http.StatusInternalServerError {
		return e // its cause is the caller's: a body that breaks off is no failure of the database
	}
	if ctx.Err() == context.Canceled && database.IsInterrupted(err) {
		return auth.ErrBusy // hardly anybody waits for the answer any more
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) || database.IsUnavailable(err) {
		s.log.WarnContext(ctx, "the database does not answer in time", "error", err)
		busy := *auth.ErrBusy
		busy.RetryAfter = unavailableFor
		return &busy
	}
	s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.Any("error", err))
	return e
}

func retryAfter(h http.Header, e *auth.Error) {
	seconds := strconv.Itoa(int((e.RetryAfter + 999e6) / 1e9))
	h.Set("Retry-After", seconds)
	if e.Status == http.StatusTooManyRequests {
		h.Set("X-Retry-After", seconds)
	}
}

// errorBody is {"message","code"}, message first; the lower-case codes come first. A
// refusal of our own surfaces says besides which permission is missing, and what gives it.
func (s *Server) errorBody(c *plugins.Call, e *auth.Error) any {
	type messageFirst struct {
		Message      string   `json:"message"`
		Code         string   `json:"code,omitempty"`
		Scope        string   `json:"scope,omitempty"`
		Permission   string   `json:"permission,omitempty"`
		Organization string   `json:"organizationId,omitempty"`
		Roles        []string `json:"roles,omitempty"`
		HeldUntil    string   `json:"heldUntil,omitempty"`
		Details      any      `json:"details,omitempty"`
	}
	type codeFirst struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if e.CodeFirst {
		return codeFirst{e.Code, e.Message.English()}
	}
	body := messageFirst{Message: e.Message.English(), Code: e.Code, Scope: e.Scope, Details: e.Details}
	if !e.HeldUntil.IsZero() {
		body.HeldUntil = e.HeldUntil.UTC().Format(time.RFC3339)
	}
	if e.Scope != "" && e.Status == http.StatusForbidden && c.Principal() != nil {
		lack := s.lack(c, e)
		body.Permission, body.Roles = lack.What.English(), lack.Roles
		if lack.In != nil {
			body.Organization = lack.In.ID
		}
	}
	return body
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := schema.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
