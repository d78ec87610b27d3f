// Package migrations holds the schema, one text for both engines, in the order
// of the numbers. A file that was released is never changed: a change of the
// schema is a new file with the next number. See sqldb for the tokens in them.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
