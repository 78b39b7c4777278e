package database

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

// ErrURL refuses a database URL.
var ErrURL = errors.New("database URL")

// source is a parsed URL: what to open, and a name that is safe to show.
type source struct {
	dialect  string
	path     string
	postgres *pgx.ConnConfig
	mysql    *mysql.Config
	name     string
}

// String names the database without its credentials.
func (s source) String() string { return s.name }

// parseURL reads the URL of a configuration. Its errors do not repeat the URL.
func parseURL(config Config) (source, error) {
	scheme, rest, found := strings.Cut(config.URL, ":")
	if !found && config.URL != "" {
		return source{}, fmt.Errorf("%w: no scheme; use sqlite:, postgres:// or mysql://", ErrURL)
	}
	switch strings.ToLower(scheme) {
	case "", "sqlite", "file":
		return parseFile(config.DataDir, rest)
	case "postgres", "postgresql":
		return parsePostgres(config.URL)
	case "mysql", "mariadb":
		return parseMySQL(config.URL)
	}
	return source{}, fmt.Errorf("%w: unknown scheme; use sqlite:, postgres:// or mysql://", ErrURL)
}

// parseFile reads the part after sqlite: or file:, a path with or without //.
func parseFile(dir, path string) (source, error) {
	path = strings.TrimPrefix(path, "//")
	if strings.ContainsAny(path, "?#\x00") || strings.Contains(path, ":memory:") {
		return source{}, fmt.Errorf("%w: an SQLite URL is a path, without options", ErrURL)
	}
	if path == "" {
		path = "gatehouse.db"
	}
	if !filepath.IsAbs(path) {
		if dir == "" {
			return source{}, fmt.Errorf("%w: a relative SQLite path needs a data folder", ErrURL)
		}
		path = filepath.Join(dir, path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return source{}, fmt.Errorf("%w: %w", ErrURL, err)
	}
	return source{dialect: dialect.SQLite, path: path, name: "SQLite file " + path}, nil
}

func parsePostgres(raw string) (source, error) {
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		// pgx's own text may repeat parts of the URL.
		return source{}, fmt.Errorf("%w: not a PostgreSQL URL", ErrURL)
	}
	for name, value := range map[string]string{
		"timezone":                            "UTC",
		"lock_timeout":                        "10s",
		"idle_in_transaction_session_timeout": "60s",
		"application_name":                    "gatehouse",
	} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	name := fmt.Sprintf("PostgreSQL %s at %s", config.Database, config.Host)
	return source{dialect: dialect.Postgres, postgres: config, name: name}, nil
}

// parseMySQL turns mysql://user:password@host:port/name into the driver's
// configuration. The options are tls (true, false, preferred, skip-verify) and
// socket (the path of a Unix socket).
func parseMySQL(raw string) (source, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return source{}, fmt.Errorf("%w: not a MySQL URL", ErrURL)
	}
	config := mysql.NewConfig()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	if config.DBName == "" || strings.Contains(config.DBName, "/") {
		return source{}, fmt.Errorf("%w: a MySQL URL names one database: mysql://user@host/name", ErrURL)
	}
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.Net, config.Addr = "tcp", u.Host
	if err := mysqlOptions(config, u.Query()); err != nil {
		return source{}, err
	}
	config.ParseTime = true
	config.ClientFoundRows = true // counts matched rows, as the other databases do
	config.Timeout = connectTimeout
	config.Logger = &mysql.NopLogger{} // what it would print comes back as errors
	config.Params = map[string]string{
		"time_zone":                "'+00:00'",
		"sql_mode":                 "'TRADITIONAL'",
		"innodb_lock_wait_timeout": "10",
	}
	config.Collation = "utf8mb4_bin" // accents and case must not merge people
	name := fmt.Sprintf("MySQL %s at %s", config.DBName, config.Addr)
	return source{dialect: dialect.MySQL, mysql: config, name: name}, nil
}

func mysqlOptions(config *mysql.Config, options url.Values) error {
	for key, values := range options {
		if len(values) != 1 {
			return fmt.Errorf("%w: MySQL option %q is given twice", ErrURL, key)
		}
		switch key {
		case "tls":
			config.TLSConfig = values[0]
		case "socket":
			config.Net, config.Addr = "unix", values[0]
		default:
			return fmt.Errorf("%w: unknown MySQL option %q; there are tls and socket", ErrURL, key)
		}
	}
	return nil
}
