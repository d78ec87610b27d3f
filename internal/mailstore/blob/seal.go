package blob

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/keyring"
)

// A sealed text is cut into chunks of chunkSize bytes, each compressed where
// that makes it smaller and sealed with AES-256-GCM under the text's own key.
// The nonce carries the chunk's number and whether it is the last, so that a
// cut or reordered text does not open. The key seals nothing else, so counting
// nonces never repeat.
//
//	short: 0x01 | chunk
//	long:  0x02 | chunk ... | sealed index | length of the sealed index u32
//	chunk = seal(0x00 raw | 0x01 zstd, bytes);  index = size u64, sealed length of each chunk u32 ...
const (
	chunkSize = 128 << 10
	tagSize   = 16

	formShort = 1
	formLong  = 2

	packRaw  = 0
	packZstd = 1

	nonceChunk = 0
	nonceLast  = 1
	nonceIndex = 2

	// maxChunks bounds the index that is read: 64 GiB of text.
	maxChunks = 64 << 30 / chunkSize
)

// Codec seals and opens texts. It is safe for use by many goroutines.
type Codec struct {
	enc     *zstd.Encoder
	dec     *zstd.Decoder
	buffers sync.Pool // *[]byte of chunkSize+1 and a tag
}

// NewCodec makes a Codec; Close frees it.
func NewCodec() (*Codec, error) {
	n := runtime.GOMAXPROCS(0)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(n),
		zstd.WithWindowSize(chunkSize), zstd.WithAllLitEntropyCompression(true), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, fault.Wrap(err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(n), zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fault.Wrap(err)
	}
	c := &Codec{enc: enc, dec: dec}
	c.buffers.New = func() any { b := make([]byte, 0, chunkSize+1+tagSize); return &b }
	return c, nil
}

// Close frees the decoder's memory.
func (c *Codec) Close() error {
	c.dec.Close()
	return c.enc.Close()
}

// Compress packs b, for other uses of the same pool: one leading byte, then the text.
func (c *Codec) Compress(dst, b []byte) []byte { return c.pack(dst, b) }

// Decompress undoes Compress; limit bounds the result.
func (c *Codec) Decompress(dst, b []byte, limit int) ([]byte, error) {
	if len(b) == 0 {
		return nil, damaged(nil)
	}
	switch b[0] {
	case packRaw:
		return append(dst, b[1:]...), nil
	case packZstd:
		var h zstd.Header
		if err := h.Decode(b[1:]); err != nil || !h.HasFCS || h.FrameContentSize > uint64(limit) {
			return nil, damaged(err)
		}
		out, err := c.dec.DecodeAll(b[1:], dst)
		if err != nil {
			return nil, damaged(err)
		}
		return out, nil
	}
	return nil, damaged(nil)
}

// pack appends the packed form of b to dst.
func (c *Codec) pack(dst, b []byte) []byte {
	start := len(dst)
	dst = append(dst, packZstd)
	dst = c.enc.EncodeAll(b, dst)
	if len(dst)-start-1 >= len(b) {
		dst = append(dst[:start], packRaw)
		dst = append(dst, b...)
	}
	return dst
}

// Sealer is an io.Writer that seals what is written to it. Close ends the text.
type Sealer struct {
	c       *Codec
	w       io.Writer
	aead    cipher.AEAD
	plain   *[]byte // bytes of the chunk that is gathering
	packed  *[]byte
	size    int64
	lengths []uint32
	err     error
}

// NewSealer starts a text under a key that must not seal any other.
func (c *Codec) NewSealer(w io.Writer, key keyring.Key) (*Sealer, error) {
	aead, err := keyring.AEAD(key)
	if err != nil {
		return nil, err
	}
	return &Sealer{c: c, w: w, aead: aead, plain: c.buffer(), packed: c.buffer()}, nil
}

func (c *Codec) buffer() *[]byte {
	b := c.buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

// Write implements io.Writer.
func (s *Sealer) Write(p []byte) (n int, err error) {
	if s.plain == nil {
		return 0, errors.Join(s.err, fault.New(fault.Internal, "The sealed text is ended"))
	}
	for len(p) > 0 && s.err == nil {
		if len(*s.plain) == chunkSize {
			s.chunk(formLong, false)
			continue
		}
		take := min(chunkSize-len(*s.plain), len(p))
		*s.plain = append(*s.plain, p[:take]...)
		n, p = n+take, p[take:]
	}
	return n, s.err
}

// chunk seals and writes what has gathered.
func (s *Sealer) chunk(form byte, last bool) {
	out := (*s.packed)[:0]
	if len(s.lengths) == 0 {
		out = append(out, form)
	}
	start := len(out)
	kind := uint64(nonceChunk)
	if last {
		kind = nonceLast
	}
	nonce := chunkNonce(uint64(len(s.lengths)), kind)
	out = s.c.pack(out, *s.plain)
	out = s.aead.Seal(out[:start], nonce[:], out[start:], []byte{form})
	*s.packed = out
	s.size += int64(len(*s.plain))
	s.lengths = append(s.lengths, uint32(len(out)-start))
	*s.plain = (*s.plain)[:0]
	if _, err := s.w.Write(out); err != nil {
		s.err = err
	}
	if len(s.lengths) > maxChunks {
		s.err = fault.New(fault.TooLarge, "The message is too large")
	}
}

// Close writes what is left. It does not close the writer below.
func (s *Sealer) Close() error {
	if s.plain == nil {
		return s.err
	}
	if s.err == nil {
		form := byte(formLong)
		if len(s.lengths) == 0 {
			form = formShort
		}
		s.chunk(form, true)
		if form == formLong && s.err == nil {
			s.index()
		}
	}
	s.c.buffers.Put(s.plain)
	if cap(*s.packed) <= 2*chunkSize {
		s.c.buffers.Put(s.packed)
	}
	s.plain, s.packed = nil, nil
	return s.err
}

// Size is how much was written so far; of the whole text after Close.
func (s *Sealer) Size() int64 { return s.size }

func (s *Sealer) index() {
	plain := binary.LittleEndian.AppendUint64(nil, uint64(s.size))
	for _, n := range s.lengths {
		plain = binary.LittleEndian.AppendUint32(plain, n)
	}
	nonce := chunkNonce(uint64(len(s.lengths)), nonceIndex)
	out := s.aead.Seal(nil, nonce[:], plain, []byte{formLong})
	out = binary.LittleEndian.AppendUint32(out, uint32(len(out)))
	_, s.err = s.w.Write(out)
}

func chunkNonce(number, kind uint64) (n [12]byte) {
	binary.BigEndian.PutUint64(n[4:], number<<2|kind)
	return n
}
