package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"
)

// MySQL's numbers (server error reference).
const (
	mysqlLockWait    = 1205
	mysqlDeadlock    = 1213
	mysqlTooMany     = 1040
	mysqlShutdown    = 1053
	mysqlReadOnly    = 1290
	mysqlDiskFull    = 1021
	mysqlTableFull   = 1114
	mysqlServerGone  = 2006
	mysqlServerLost  = 2013
	mysqlUserTooMany = 1203
)

// IsRetryable reports whether a transaction failed only because it met another
// one, so that running it again from its start may succeed.
func IsRetryable(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return my.Number == mysqlDeadlock || my.Number == mysqlLockWait
	}
	return errors.Is(err, sqlite3.BUSY_SNAPSHOT)
}

// IsUnavailable reports whether the database cannot serve now: it is away,
// restarting, locked for too long, full or read-only. The caller answers 503;
// the same request may succeed later.
func IsUnavailable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgUnavailable(pg.Code)
	}
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch my.Number {
		case mysqlLockWait, mysqlTooMany, mysqlUserTooMany, mysqlShutdown, mysqlReadOnly,
			mysqlDiskFull, mysqlTableFull, mysqlServerGone, mysqlServerLost:
			return true
		}
		return false
	}
	return connectionLost(err) || fileUnavailable(err)
}

// IsInterrupted reports whether a statement was given up because its caller did.
func IsInterrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, sqlite3.INTERRUPT)
}

// pgUnavailable knows the classes 08 (connection), 53 (resources) and 57
// (operator), and single states: lock timeout, read-only transaction (a server
// that has become a standby), statement timeout aside.
func pgUnavailable(code string) bool {
	if len(code) != 5 || code == "57014" {
		return false
	}
	switch code[:2] {
	case "08", "53", "57":
		return true
	}
	return code == "55P03" || code == "25006"
}

func connectionLost(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) {
		return true
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

func fileUnavailable(err error) bool {
	for _, code := range []sqlite3.ErrorCode{
		sqlite3.BUSY, sqlite3.LOCKED, sqlite3.FULL, sqlite3.READONLY, sqlite3.IOERR, sqlite3.CANTOPEN,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
