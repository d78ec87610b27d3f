package mailstore

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/blob"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/message"
	"posthouse/internal/store/sqldb"
)

// Stored is a message whose bytes are on stable storage but to which nothing
// refers before it is delivered, held or appended. It may be used in several
// transactions, but not by several goroutines at once.
type Stored struct {
	Size int64         // RFC822.SIZE
	Part *message.Part // its structure; never modify it

	key  keyring.Key
	sum  [sha256.Size]byte
	ref  blob.Ref
	at   time.Time
	meta []byte // what a holding seals

	id   int64     // once a transaction with it has committed
	tx   *sqldb.Tx // the transaction that is making the row
	txID int64     // its id there
}

// Put stores a message. What r gives is kept octet for octet. The error of r is
// returned as it is if it is a fault.
func (s *Store) Put(ctx context.Context, r io.Reader) (*Stored, error) {
	key, err := s.keys.NewKey()
	if err != nil {
		return nil, err
	}
	w, err := s.blobs.Create(ctx)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	sealer, err := s.codec.NewSealer(w, key)
	if err != nil {
		return nil, err
	}
	defer sealer.Close()
	in := &intake{ctx: ctx, r: r, sealer: sealer, sum: sha256.New(), limit: s.cfg.MaxSize}
	part, err := message.Scan(in, s.cfg.Limits)
	if err == nil {
		_, err = io.Copy(io.Discard, in) // Scan reads to the end; this is for certainty
	}
	if f := fault.Of(in.err); f != nil && errors.Is(in.err, f) {
		err = in.err // of the source or the storage: says more than Scan's
	}
	if err != nil {
		return nil, fault.Wrap(err)
	}
	if err := sealer.Close(); err != nil {
		return nil, fault.Wrap(err)
	}
	st := &Stored{Size: sealer.Size(), Part: part, key: key, at: s.clock.Now()}
	in.sum.Sum(st.sum[:0])
	st.meta = s.packMeta(st)
	if st.ref, err = w.Commit(ctx); err != nil {
		return nil, err
	}
	return st, s.failpoint("put")
}

// intake hands what is read on to sealer and checksum.
type intake struct {
	ctx    context.Context
	r      io.Reader
	sealer *blob.Sealer
	sum    hash.Hash
	n      int64
	limit  int64
	err    error // other than io.EOF
}

func (in *intake) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	n, err := in.r.Read(p)
	if n > 0 {
		in.sum.Write(p[:n])
		in.n += int64(n)
		if _, werr := in.sealer.Write(p[:n]); werr != nil {
			in.err = werr
		}
		if in.limit > 0 && in.n > in.limit {
			in.err = fault.New(fault.TooLarge, "The message is too large")
		}
		if cerr := in.ctx.Err(); cerr != nil {
			in.err = fault.Unavail("The caller has gone", cerr)
		}
	}
	if err != nil && err != io.EOF {
		in.err = err
	}
	if in.err != nil {
		return n, in.err
	}
	return n, err
}

// What a holding seals: form, message key, checksum, packed structure.
const (
	holdingForm   = 1
	holdingPrefix = 1 + keyring.KeySize + sha256.Size
	// packFrom is the size from which a structure is worth compressing.
	packFrom = 1024
	// maxMeta bounds the structure that is read back.
	maxMeta = 64 << 20
)

func (s *Store) packMeta(st *Stored) []byte {
	out := make([]byte, 0, 768)
	out = append(out, holdingForm)
	out = append(out, st.key[:]...)
	out = append(out, st.sum[:]...)
	out = append(out, 0) // packed raw
	out = st.Part.AppendBinary(out)
	if len(out)-holdingPrefix > packFrom {
		out = s.codec.Compress(out[:holdingPrefix:holdingPrefix], out[holdingPrefix+1:])
	}
	return out
}

// holding is what an account knows about a message.
type holding struct {
	key  keyring.Key
	sum  [sha256.Size]byte
	meta []byte // packed structure; shares the buffer it was opened into
}

// openHolding opens a sealed holding into buf's memory.
func openHolding(aead cipher.AEAD, buf, sealed []byte, accountID, messageID int64) (h holding, opened []byte, err error) {
	var context [16]byte
	opened, err = keyring.OpenTo(aead, buf[:0], sealed, holdingContext(&context, accountID, messageID))
	if err != nil || len(opened) <= holdingPrefix || opened[0] != holdingForm {
		return h, buf, &fault.Error{Code: fault.Internal, Text: "A message's key can't be opened", Reason: "HOLDING_DAMAGED", Cause: err}
	}
	copy(h.key[:], opened[1:])
	copy(h.sum[:], opened[1+keyring.KeySize:])
	h.meta = opened[holdingPrefix:]
	return h, opened, nil
}

// part decodes the structure.
func (s *Store) part(h holding) (*message.Part, error) {
	raw := h.meta[1:]
	if h.meta[0] != 0 {
		var err error
		if raw, err = s.codec.Decompress(nil, h.meta, maxMeta); err != nil {
			return nil, err
		}
	}
	return message.DecodePart(raw)
}

func (s *Store) sealHolding(aead cipher.AEAD, meta []byte, accountID, messageID int64) ([]byte, error) {
	var context [16]byte
	return keyring.Seal(aead, s.rand, nil, meta, holdingContext(&context, accountID, messageID))
}

func holdingContext(b *[16]byte, accountID, messageID int64) []byte {
	binary.BigEndian.PutUint64(b[:], uint64(accountID))
	binary.BigEndian.PutUint64(b[8:], uint64(messageID))
	return b[:]
}

// hold makes n accounts, whose holdings the caller inserts, holders of a stored
// message and gives its id.
func (s *Store) hold(ctx context.Context, tx *sqldb.Tx, st *Stored, n int) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	if s.clock.Now().Sub(st.at) > s.cfg.OrphanGrace/2 {
		return 0, fault.Unavail("The message waited too long between being stored and being delivered", nil)
	}
	id := st.id
	if st.tx == tx {
		id = st.txID
	}
	if id != 0 {
		touched, err := tx.Exec(ctx, `UPDATE mail_message SET holders = holders + ? WHERE id = ?`, n, id)
		if err == nil && touched == 0 {
			err = fault.Unavail("The message was deleted meanwhile", nil)
		}
		return id, err
	}
	err := tx.QueryRow(ctx, `INSERT INTO mail_message (segment, position, stored_bytes, size_bytes, holders)
		VALUES (?, ?, ?, ?, ?) RETURNING id`, st.ref.Segment, st.ref.Offset, st.ref.Length, st.Size, n).Scan(&id)
	if err != nil {
		return 0, sqldb.Fault(err)
	}
	st.tx, st.txID = tx, id
	tx.AfterCommit(func() { st.id, st.tx = id, nil })
	return id, nil
}
