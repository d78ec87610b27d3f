package pgtest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// made are the templates that this process has seen, by server and name.
var made struct {
	sync.Mutex
	names map[[2]string]bool
}

// templateLock is the advisory lock under which processes make templates.
const templateLock = 0x706f7374

// makeTemplate makes a database of that name unless the server has it. One that
// was not finished has another name and is made anew.
func makeTemplate(server, name string, fill func(dsn string) error) (err error) {
	made.Lock()
	defer made.Unlock()
	if made.names[[2]string{server, name}] {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // frees the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return err
	}
	if !there {
		draft := name + "_draft"
		dsn, err := withDatabase(server, draft)
		if err != nil {
			return err
		}
		for _, statement := range []string{"DROP DATABASE IF EXISTS " + draft, "CREATE DATABASE " + draft} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		if err := fill(dsn); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name); err != nil {
			return err
		}
	}
	if made.names == nil {
		made.names = map[[2]string]bool{}
	}
	made.names[[2]string{server, name}] = true
	return nil
}
