// Package ticket issues what logs somebody in once: tickets of customers and
// resellers, log-in tokens of mailboxes, tokens of password links. Only their
// hashes are kept.
package ticket
