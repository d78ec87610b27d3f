// Package migrations holds the schema, one text for both engines: 0001-0009
// the core's rows, 0010-0019 the mail store, 0020-0029 the queue. A file that
// was released is never changed. See sqldb for the tokens in them.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
