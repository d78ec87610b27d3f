// Package secret seals small secrets for storage and makes API keys. It is
// pure: keys and randomness are given.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"

	"posthouse/internal/fault"
)

// SealKeyLen is the length of a sealing key: AES-256.
const SealKeyLen = 32

// version is the first byte of everything sealed, so that a later form can be
// told from this one: AES-256-GCM, 96-bit random nonce, 128-bit tag. It is
// authenticated together with the context.
const version = 1

// ErrOpen is the cause of every failed Open: it does not say which part is wrong.
var ErrOpen = errors.New("secret: not sealed with this key and context")

// Sealer seals and opens under one key. It is safe for use by many goroutines
// if random is. Random nonces under one key stay safe far beyond the number of
// API and DKIM keys of any installation (2^32 seals, NIST SP 800-38D section 8.3).
type Sealer struct {
	aead   cipher.AEAD
	random io.Reader
}

// NewSealer takes a key of SealKeyLen bytes and the source of nonces.
func NewSealer(key []byte, random io.Reader) (*Sealer, error) {
	if len(key) != SealKeyLen {
		return nil, fault.Newf(fault.Invalid, "A sealing key must have %d bytes", SealKeyLen)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	return &Sealer{aead: aead, random: random}, nil
}

// Seal encrypts plain. The context says what the secret is and whose: Open
// succeeds only with the same one, so a sealed value can't be moved to another row.
func (s *Sealer) Seal(plain []byte, context string) ([]byte, error) {
	n := s.aead.NonceSize()
	out := make([]byte, 1+n, 1+n+len(plain)+s.aead.Overhead())
	out[0] = version
	if _, err := io.ReadFull(s.random, out[1:]); err != nil {
		return nil, fault.Unavail("No randomness", err)
	}
	return s.aead.Seal(out, out[1:1+n], plain, associated(context)), nil
}

// Open decrypts what Seal made. Damage, another key or another context is an
// internal fault with cause ErrOpen.
func (s *Sealer) Open(sealed []byte, context string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < 1+n+s.aead.Overhead() || sealed[0] != version {
		return nil, &fault.Error{Code: fault.Internal, Text: "A stored secret can't be opened", Cause: ErrOpen}
	}
	plain, err := s.aead.Open(nil, sealed[1:1+n], sealed[1+n:], associated(context))
	if err != nil {
		return nil, &fault.Error{Code: fault.Internal, Text: "A stored secret can't be opened", Cause: ErrOpen}
	}
	return plain, nil
}

func associated(context string) []byte { return append([]byte{version}, context...) }
