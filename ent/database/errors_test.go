package database_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"

	"gatehouse/ent/database"
)

func TestKindsOfErrors(t *testing.T) {
	pg := func(code string) error { return &pgconn.PgError{Code: code} }
	my := func(number uint16) error { return &mysql.MySQLError{Number: number} }
	tests := []struct {
		name                   string
		err                    error
		unavailable, retryable bool
	}{
		{"none", nil, false, false},
		{"any", errors.New("x"), false, false},
		{"cancelled", fmt.Errorf("x: %w", context.Canceled), false, false},
		{"deadline", context.DeadlineExceeded, false, false},
		{"bad connection", driver.ErrBadConn, true, false},
		{"cut connection", io.ErrUnexpectedEOF, true, false},
		{"dial", &net.OpError{Op: "dial", Err: errors.New("refused")}, true, false},
		{"PostgreSQL unique", pg("23505"), false, false},
		{"PostgreSQL serialization", pg("40001"), false, true},
		{"PostgreSQL deadlock", pg("40P01"), false, true},
		{"PostgreSQL shutdown", pg("57P01"), true, false},
		{"PostgreSQL starting", pg("57P03"), true, false},
		{"PostgreSQL cancelled", pg("57014"), false, false},
		{"PostgreSQL full disk", pg("53100"), true, false},
		{"PostgreSQL lock timeout", pg("55P03"), true, false},
		{"PostgreSQL standby", pg("25006"), true, false},
		{"MySQL duplicate", my(1062), false, false},
		{"MySQL deadlock", my(1213), false, true},
		{"MySQL lock timeout", my(1205), true, true},
		{"MySQL too many", my(1040), true, false},
		{"MySQL read-only", my(1290), true, false},
		{"SQLite busy", sqlite3.BUSY, true, false},
		{"SQLite full", sqlite3.FULL, true, false},
		{"SQLite read-only", sqlite3.READONLY, true, false},
		{"SQLite constraint", sqlite3.CONSTRAINT, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.err
			if err != nil {
				err = fmt.Errorf("wrapped: %w", err)
			}
			if got := database.IsUnavailable(err); got != tt.unavailable {
				t.Errorf("unavailable %v", got)
			}
			if got := database.IsRetryable(err); got != tt.retryable {
				t.Errorf("retryable %v", got)
			}
		})
	}
}
