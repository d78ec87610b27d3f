// Package schedule does what has fallen due, and drops what is no longer needed.
//
//	RunDue(ctx, actor, due.Item, Purger) error  // one step of what has fallen due: expiry, purge
//	SweepDue(ctx, actor, due.Kind, limit) (repaired int, more bool, err error)
//	DueItems(ctx, actor, work.DueFilter, limit) ([]*due.Item, error)
//	RetryDue(ctx, actor, due.Kind, objectID) error
//	Forget(ctx) error  // drops expired tokens and old access-log entries; run it now and then
package schedule
