// Package mailstore keeps mail: message bytes once, compressed and encrypted,
// in a blob store; folders, UIDs, MODSEQs, flags, cached envelopes and search
// terms in SQL. Every method that changes something returns after the change
// is on stable storage.
//
// Invariants: a UID is never given twice in a folder; a folder's UIDVALIDITY
// never changes and a new folder of an old name gets a greater one; the
// account's MODSEQ grows with every change, in commit order; what disappears
// from a folder leaves a tombstone (UID, MODSEQ); an account's used bytes
// equal the sum of its entries' sizes at every commit.
package mailstore
