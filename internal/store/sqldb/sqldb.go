// Package sqldb is the one way to SQL: the same text runs on SQLite (embedded
// default) and on PostgreSQL, every transaction is retried, and on SQLite
// concurrent writers share one fsync (group commit).
package sqldb
