// Package keyring holds the master key and what hangs from it: keys that it
// wraps (mailbox keys, and under those message keys) and keys that are derived
// from it for one purpose.
//
// The master key is a file. It is made once, when there is nothing yet that it
// could have to open; where data exists, a missing, wrong or loosely guarded
// file is an error and never a new key.
package keyring

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"posthouse/internal/fault"
)

// KeySize is the length of every key here, in bytes.
const KeySize = 32

// WrapOverhead is how much longer a wrapped key is than the key.
const WrapOverhead = nonceSize + tagSize

const (
	nonceSize = 12
	tagSize   = 16
	magic     = "posthouse-master-key-1"
	// maxFile bounds what is read of a key file.
	maxFile = 4096
)

// checkText is what a key check seals.
var checkText = []byte("posthouse master key check")

// Key is a symmetric key.
type Key [KeySize]byte

// Keyring is the master key, or the knowledge that its file does not exist yet.
// It is safe for use by many goroutines.
type Keyring struct {
	path string
	rand io.Reader

	mu     sync.RWMutex
	master *Key // nil: no file
	wrap   cipher.AEAD
}

// Open reads the master key file. A file that does not exist is no error here:
// Establish decides whether one may be made.
func Open(path string, rand io.Reader) (*Keyring, error) {
	k := &Keyring{path: path, rand: rand}
	key, err := load(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return k, nil
		}
		return nil, err
	}
	return k, k.use(key)
}

// Establish makes the key usable. check is the value kept beside the data, nil
// when there is none yet; the value to keep is returned. With a check, the key
// must be present and match. Without one, a key file is made if there is none
// and dataExists is false.
func (k *Keyring) Establish(check []byte, dataExists bool) ([]byte, error) {
	k.mu.RLock()
	present, wrap := k.master != nil, k.wrap
	k.mu.RUnlock()
	if len(check) > 0 {
		if !present {
			return nil, refuse("The master key file %s is missing, but the store holds data that only it opens. Put the file back from its backup; no new key was made.", k.path)
		}
		if text, err := open(wrap, check, checkText); err != nil || !bytes.Equal(text, checkText) {
			return nil, refuse("The master key file %s is not the one that this store was made with. Put the right file back; nothing was changed.", k.path)
		}
		return check, nil
	}
	if !present {
		if dataExists {
			return nil, refuse("The master key file %s is missing and message data exists. Put the file back from its backup; no new key was made.", k.path)
		}
		if err := k.create(); err != nil {
			return nil, err
		}
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return seal(k.wrap, k.rand, nil, checkText, checkText)
}

// create makes the file, durable before it is used.
func (k *Keyring) create() error {
	var key Key
	if _, err := io.ReadFull(k.rand, key[:]); err != nil {
		return fault.Unavail("No randomness for a master key", err)
	}
	if err := write(k.path, key); err != nil {
		return err
	}
	return k.use(key)
}

func (k *Keyring) use(key Key) error {
	sub, err := hkdf.Key(sha256.New, key[:], nil, "posthouse key wrapping", KeySize)
	if err != nil {
		return fault.Wrap(err)
	}
	wrap, err := AEAD(Key(sub))
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.master, k.wrap = &key, wrap
	return nil
}

// NewKey draws a random key.
func (k *Keyring) NewKey() (Key, error) {
	var key Key
	if _, err := io.ReadFull(k.rand, key[:]); err != nil {
		return key, fault.Unavail("No randomness for a key", err)
	}
	return key, nil
}

// Wrap seals a key under the master key. context (what the key is of) must be
// given again to Unwrap.
func (k *Keyring) Wrap(key Key, context []byte) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.wrap == nil {
		return nil, fault.New(fault.Internal, "The master key is not established")
	}
	return seal(k.wrap, k.rand, nil, key[:], context)
}

// Unwrap opens what Wrap sealed.
func (k *Keyring) Unwrap(wrapped, context []byte) (Key, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var key Key
	if k.wrap == nil {
		return key, fault.New(fault.Internal, "The master key is not established")
	}
	text, err := open(k.wrap, wrapped, context)
	if err != nil || len(text) != KeySize {
		return key, &fault.Error{Code: fault.Internal, Text: "A stored key can't be opened with this master key", Cause: err}
	}
	copy(key[:], text)
	return key, nil
}

// Derive gives a key for one purpose, always the same for the same master key.
func (k *Keyring) Derive(purpose string) (Key, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.master == nil {
		return Key{}, fault.New(fault.Internal, "The master key is not established")
	}
	sub, err := hkdf.Key(sha256.New, k.master[:], nil, "posthouse purpose: "+purpose, KeySize)
	if err != nil {
		return Key{}, fault.Wrap(err)
	}
	return Key(sub), nil
}

// AEAD is AES-256-GCM under key.
func AEAD(key Key) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fault.Wrap(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	return gcm, nil
}

// Seal appends nonce and ciphertext of plain to dst. The nonce is random, so a
// key may seal up to 2^32 texts (NIST SP 800-38D section 8.3).
func Seal(aead cipher.AEAD, rand io.Reader, dst, plain, context []byte) ([]byte, error) {
	return seal(aead, rand, dst, plain, context)
}

// OpenTo appends the text of what Seal made to dst.
func OpenTo(aead cipher.AEAD, dst, sealed, context []byte) ([]byte, error) {
	if len(sealed) < WrapOverhead {
		return nil, errShort
	}
	return aead.Open(dst, sealed[:nonceSize], sealed[nonceSize:], context)
}

var errShort = errors.New("keyring: sealed text too short")

func seal(aead cipher.AEAD, rand io.Reader, dst, plain, context []byte) ([]byte, error) {
	start := len(dst)
	if need := start + len(plain) + WrapOverhead; cap(dst) < need {
		grown := make([]byte, start, need)
		copy(grown, dst)
		dst = grown
	}
	dst = dst[:start+nonceSize]
	nonce := dst[start:]
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, fault.Unavail("No randomness for a nonce", err)
	}
	return aead.Seal(dst, nonce, plain, context), nil
}

func open(aead cipher.AEAD, sealed, context []byte) ([]byte, error) {
	return OpenTo(aead, nil, sealed, context)
}

// load reads a key file; os.ErrNotExist when there is none.
func load(path string) (Key, error) {
	var key Key
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return key, err
		}
		return key, &fault.Error{Code: fault.Unavailable, Text: fmt.Sprintf("The master key file %s can't be read", path), Cause: err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return key, fault.Wrap(err)
	}
	if !info.Mode().IsRegular() {
		return key, refuse("The master key %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return key, refuse("The master key file %s may be read by others (mode %04o). Look who did, then: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := bufio.NewReader(io.LimitReader(f, maxFile)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return key, fault.Wrap(err)
	}
	name, encoded, ok := strings.Cut(strings.TrimSpace(text), " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || name != magic || err != nil || len(raw) != KeySize {
		return key, refuse("The file %s is not a master key file, or it is damaged. Put the right file back from its backup; nothing was changed.", path)
	}
	return Key(raw), nil
}

// write makes the file with all its bytes or not at all: it is written beside
// its place and linked there, which fails when another has come first.
func write(path string, key Key) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(path, err)
	}
	f, err := os.CreateTemp(dir, ".master-key-*") // mode 0600, O_EXCL
	if err != nil {
		return unwritable(path, err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, werr := fmt.Fprintf(f, "%s %s\n", magic, base64.StdEncoding.EncodeToString(key[:]))
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, os.ErrExist) {
			return refuse("The master key file %s appeared while one was being made. Start again.", path)
		}
		return unwritable(path, err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return unwritable(path, err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func unwritable(path string, err error) error {
	return &fault.Error{Code: fault.Unavailable, Text: fmt.Sprintf("The master key file %s can't be made", path), Temporary: true, Cause: err}
}

// refuse is a permanent fault for the operator, who reads it at start.
func refuse(format string, a ...any) error { return fault.Newf(fault.Internal, format, a...) }
