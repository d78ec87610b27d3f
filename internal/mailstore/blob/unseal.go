package blob

import (
	"crypto/cipher"
	"encoding/binary"
	"io"
	"sync"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/keyring"
)

// Text reads a sealed text: an io.ReaderAt that opens chunk by chunk and keeps
// the last one. It is safe for use by many goroutines. Close gives its memory back.
type Text struct {
	c    *Codec
	r    io.ReaderAt
	size int64 // of the text
	raw  int64 // of the sealed form
	aead cipher.AEAD

	mu      sync.Mutex
	form    byte
	offsets []int64 // long form: where each chunk starts; the last is where the index does
	current int     // number of the chunk in plain, -1 for none
	plain   *[]byte
	sealed  *[]byte
	closed  bool
}

// OpenText reads a text of known size from its sealed form of raw bytes.
func (c *Codec) OpenText(r io.ReaderAt, raw, size int64, key keyring.Key) (*Text, error) {
	aead, err := keyring.AEAD(key)
	if err != nil {
		return nil, err
	}
	return &Text{c: c, r: r, raw: raw, size: size, aead: aead, current: -1}, nil
}

// Size is the length of the text.
func (t *Text) Size() int64 { return t.size }

// ReadAt implements io.ReaderAt.
func (t *Text) ReadAt(p []byte, off int64) (n int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if off < 0 || t.closed {
		return 0, fault.New(fault.Internal, "Read outside of a text")
	}
	for n < len(p) {
		if off >= t.size {
			return n, io.EOF
		}
		number := int(off / chunkSize)
		if err := t.load(number); err != nil {
			return n, err
		}
		m := copy(p[n:], (*t.plain)[off-int64(number)*chunkSize:])
		n += m
		off += int64(m)
	}
	return n, nil
}

// WriteTo gives the whole text to w, chunk by chunk and without copying.
func (t *Text) WriteTo(w io.Writer) (n int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return 0, fault.New(fault.Internal, "Read outside of a text")
	}
	for n < t.size {
		if err := t.load(int(n / chunkSize)); err != nil {
			return n, err
		}
		m, err := w.Write(*t.plain)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Close implements io.Closer; the reader below stays open.
func (t *Text) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, b := range []*[]byte{t.plain, t.sealed} {
		if b != nil && cap(*b) <= 2*chunkSize {
			t.c.buffers.Put(b)
		}
	}
	t.plain, t.sealed = nil, nil
	return nil
}

// load makes chunk number the current one.
func (t *Text) load(number int) error {
	if t.current == number {
		return nil
	}
	if t.plain == nil {
		t.plain, t.sealed = t.c.buffer(), t.c.buffer()
	}
	if t.form == 0 {
		if err := t.begin(); err != nil {
			return err
		}
	}
	var (
		chunks = 1
		sealed []byte
		err    error
	)
	if t.form == formShort {
		sealed, err = t.read(1, t.raw-1)
	} else {
		chunks = len(t.offsets) - 1
		if number >= chunks {
			return damaged(nil)
		}
		sealed, err = t.read(t.offsets[number], t.offsets[number+1]-t.offsets[number])
	}
	if err != nil {
		return err
	}
	kind := uint64(nonceChunk)
	want := int64(chunkSize)
	if number == chunks-1 {
		kind = nonceLast
		want = t.size - int64(number)*chunkSize
	}
	nonce := chunkNonce(uint64(number), kind)
	packed, err := t.aead.Open(sealed[:0], nonce[:], sealed, []byte{t.form})
	if err != nil {
		return damaged(err)
	}
	t.current = -1
	plain, err := t.c.Decompress((*t.plain)[:0], packed, chunkSize)
	if err != nil {
		return err
	}
	if int64(len(plain)) != want {
		return damaged(nil)
	}
	*t.plain = plain
	t.current = number
	return nil
}

// begin finds out the form; of a long text it reads the index.
func (t *Text) begin() error {
	if t.raw < 1+tagSize {
		return damaged(nil)
	}
	if t.size <= chunkSize {
		// Must be the short form; its chunk's context says so.
		t.form = formShort
		return nil
	}
	b, err := t.read(t.raw-4, 4)
	if err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(b))
	chunks := (t.size + chunkSize - 1) / chunkSize
	if chunks > maxChunks || length != 8+4*chunks+tagSize || length+4+1 > t.raw {
		return damaged(nil)
	}
	indexAt := t.raw - 4 - length
	if b, err = t.read(indexAt, length); err != nil {
		return err
	}
	nonce := chunkNonce(uint64(chunks), nonceIndex)
	index, err := t.aead.Open(nil, nonce[:], b, []byte{formLong})
	if err != nil {
		return damaged(err)
	}
	if int64(binary.LittleEndian.Uint64(index)) != t.size {
		return damaged(nil)
	}
	offsets := make([]int64, 0, chunks+1)
	at := int64(1)
	for index = index[8:]; len(index) > 0; index = index[4:] {
		offsets = append(offsets, at)
		at += int64(binary.LittleEndian.Uint32(index))
	}
	if at != indexAt {
		return damaged(nil)
	}
	t.offsets, t.form = append(offsets, at), formLong
	return nil
}

// read gives n bytes of the sealed form in t.sealed.
func (t *Text) read(off, n int64) ([]byte, error) {
	if n < 0 || n > 4*maxChunks+chunkSize || off+n > t.raw {
		return nil, damaged(nil)
	}
	b := *t.sealed
	if int64(cap(b)) < n {
		b = make([]byte, n)
	}
	b = b[:n]
	*t.sealed = b
	if m, err := t.r.ReadAt(b, off); int64(m) < n {
		return nil, err
	}
	return b, nil
}
