// Package queue carries mail that was submitted on this platform to each of its
// recipients: to a mailbox here or to the next hop by SMTP.
//
// Promises:
//
//   - Submit returns after the message is on stable storage.
//   - Every recipient ends in exactly one of delivered, bounced, expired, held.
//     The states and the ways between them are in state.go; a row changes state
//     only in a transaction that has seen it leased by the one who changes it.
//   - Local delivery, the end of the recipient and the DSN that tells of it are
//     one transaction: a local mailbox gets one copy, whatever crashes.
//   - Remote delivery is at least once: when the connection is lost between the
//     final dot and the reply to it, nobody knows whether the server took the
//     message, and it is sent again (RFC 5321 section 4.5.4.1, RFC 1047).
//   - A message with the null reverse-path never causes a DSN (RFC 3464
//     section 2, RFC 5321 section 6.1).
//
// Several nodes may run the same queue on PostgreSQL. A node leases recipients
// for a short time and renews the lease while it works on them; the lease of a
// node that died expires and another node takes over. Limits per destination
// are per node.
//
// An 8-bit message to a server without 8BITMIME is sent as it is: such servers
// are 8-bit clean in practice, and a conversion would break DKIM signatures.
package queue
