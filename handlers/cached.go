package handlers

import (
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/cookie"
	"gatehouse/ent"
)

// currentOf makes the session behind a request from the cookie cache. The rows hold
// what the wire shows of them, nothing else.
func currentOf(p cookie.Payload, token string) (*auth.Current, error) {
	var s struct {
		ID        string    `json:"id"`
		UserID    string    `json:"userId"`
		ExpiresAt time.Time `json:"expiresAt"`
		CreatedAt time.Time `json:"createdAt"`
		UpdatedAt time.Time `json:"updatedAt"`
		IPAddress string    `json:"ipAddress"`
		UserAgent string    `json:"userAgent"`
		By        *string   `json:"impersonatedBy"`
	}
	var u struct {
		ID            string    `json:"id"`
		Name          string    `json:"name"`
		Email         string    `json:"email"`
		EmailVerified bool      `json:"emailVerified"`
		Image         *string   `json:"image"`
		Role          *string   `json:"role"`
		CreatedAt     time.Time `json:"createdAt"`
		UpdatedAt     time.Time `json:"updatedAt"`
	}
	if err := json.Unmarshal(p.Session, &s); err != nil {
		return nil, fmt.Errorf("session of the cookie cache: %w", err)
	}
	if err := json.Unmarshal(p.User, &u); err != nil {
		return nil, fmt.Errorf("user of the cookie cache: %w", err)
	}
	return &auth.Current{
		Token: token,
		Session: &ent.Session{ID: s.ID, UserID: s.UserID, ExpiresAt: s.ExpiresAt, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
			IPAddress: s.IPAddress, UserAgent: s.UserAgent, ImpersonatedBy: s.By, Remembered: true},
		User: &ent.User{ID: u.ID, Name: u.Name, Email: u.Email, EmailVerified: u.EmailVerified, Image: u.Image, Role: u.Role,
			CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt},
		Cached: &auth.CachedSession{Session: p.Session, User: p.User, UpdatedAt: p.UpdatedAt},
	}, nil
}
