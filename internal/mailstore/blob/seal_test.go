package blob

import (
	"bytes"
	"crypto/rand"
	"io"
	mrand "math/rand/v2"
	"testing"

	"posthouse/internal/fault"
	"posthouse/internal/mailstore/keyring"
)

func newCodec(t testing.TB) *Codec {
	t.Helper()
	c, err := NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func randomKey(t testing.TB) (k keyring.Key) {
	t.Helper()
	if _, err := rand.Read(k[:]); err != nil {
		t.Fatal(err)
	}
	return k
}

func sealBytes(t testing.TB, c *Codec, key keyring.Key, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	s, err := c.NewSealer(&out, key)
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; len(text) > 0; step = step*3 + 1 {
		n := min(step, len(text))
		if _, err := s.Write(text[:n]); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// letters is text that compresses a little, or noise that doesn't.
func letters(n int, noise bool) []byte {
	r := mrand.New(mrand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		if noise {
			b[i] = byte(r.Uint32())
		} else {
			b[i] = "etaoin shrdlu\r\n"[r.IntN(15)]
		}
	}
	return b
}

func TestSealedTextReads(t *testing.T) {
	c := newCodec(t)
	for _, n := range []int{0, 1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, 5*chunkSize + 77} {
		for _, noise := range []bool{false, true} {
			key, text := randomKey(t), letters(n, noise)
			sealed := sealBytes(t, c, key, text)
			if n > 1000 && !noise && len(sealed) > n*3/4 {
				t.Errorf("%d bytes of text became %d", n, len(sealed))
			}
			r, err := c.OpenText(bytes.NewReader(sealed), int64(len(sealed)), int64(n), key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
			if err != nil || !bytes.Equal(got, text) {
				t.Fatalf("%d: read %d bytes, err %v", n, len(got), err)
			}
			var all bytes.Buffer
			if m, err := r.WriteTo(&all); err != nil || m != int64(n) || !bytes.Equal(all.Bytes(), text) {
				t.Fatalf("%d: WriteTo %d, %v", n, m, err)
			}
			for _, off := range []int{n / 2, chunkSize - 3, n - 5, 0} {
				if off < 0 || off+5 > n {
					continue
				}
				p := make([]byte, 5)
				if _, err := r.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, text[off:off+5]) {
					t.Fatalf("%d at %d: %q, %v", n, off, p, err)
				}
			}
			if m, err := r.ReadAt(make([]byte, 9), int64(n)); n > 0 && (m != 0 || err != io.EOF) {
				t.Fatalf("behind the end: %d, %v", m, err)
			}
			r.Close()
			if _, err := r.ReadAt(make([]byte, 1), 0); err == nil {
				t.Fatal("read after Close")
			}
		}
	}
}

func TestSealedTextRefusesChanges(t *testing.T) {
	c, key := newCodec(t), randomKey(t)
	for _, n := range []int{500, 2*chunkSize + 9} {
		text := letters(n, true)
		sealed := sealBytes(t, c, key, text)
		read := func(name string, b []byte, size int, key keyring.Key) {
			t.Helper()
			r, err := c.OpenText(bytes.NewReader(b), int64(len(b)), int64(size), key)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
			if err == nil {
				t.Errorf("%s: %d bytes opened as %d", name, n, len(got))
			} else if fault.Of(err).Reason != "BLOB_DAMAGED" {
				t.Errorf("%s: %v", name, err)
			}
		}
		for i := 0; i < len(sealed); i += 1 + len(sealed)/97 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 0x40
			if i == 0 && n <= chunkSize {
				continue // the form byte is advice; the form follows from the size
			}
			if i == 0 {
				continue
			}
			read("flipped", bad, n, key)
		}
		read("cut", sealed[:len(sealed)-1], n, key)
		read("longer", append(bytes.Clone(sealed), 0), n, key)
		read("empty", nil, n, key)
		read("size less", sealed, n-1, key)
		read("size more", sealed, n+1, key)
		read("another form", sealed, chunkSize+n, key)
		read("wrong key", sealed, n, randomKey(t))
	}
	// Two noise chunks of equal length change places.
	text := letters(3*chunkSize, true)
	sealed := sealBytes(t, c, key, text)
	one := chunkSize + 1 + tagSize
	swapped := bytes.Clone(sealed)
	copy(swapped[1:], sealed[1+one:1+2*one])
	copy(swapped[1+one:], sealed[1:1+one])
	r, err := c.OpenText(bytes.NewReader(swapped), int64(len(swapped)), int64(len(text)), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("reordered chunks opened")
	}
}

func FuzzOpenText(f *testing.F) {
	c, key := newCodec(f), keyring.Key{7}
	f.Add(sealBytes(f, c, key, letters(300, false)), int64(300))
	f.Add(sealBytes(f, c, key, letters(2*chunkSize, true)), int64(2*chunkSize))
	f.Add([]byte{2, 0, 0, 0, 0, 255, 255, 255, 255}, int64(1)<<40)
	f.Fuzz(func(t *testing.T, sealed []byte, size int64) {
		if size < 0 {
			return
		}
		r, err := c.OpenText(bytes.NewReader(sealed), int64(len(sealed)), size, key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var p [64]byte
		if n, err := r.ReadAt(p[:], size/2); err == nil && n < len(p) {
			t.Fatal("short read without an error")
		}
	})
}

func FuzzDecompress(f *testing.F) {
	c := newCodec(f)
	f.Add(c.Compress(nil, letters(1000, false)))
	f.Add(c.Compress(nil, letters(1000, true)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := c.Decompress(nil, b, 1<<16); err == nil && len(out) > 1<<16 && b[0] == packZstd {
			t.Fatalf("%d bytes past the limit", len(out))
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	c, key := newCodec(b), randomKey(b)
	for _, n := range []int{4 << 10, 100 << 10} {
		text := letters(n, false)
		b.Run(byteSize(n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				s, err := c.NewSealer(io.Discard, key)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Write(text); err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenText(b *testing.B) {
	c, key := newCodec(b), randomKey(b)
	for _, n := range []int{4 << 10, 100 << 10, 10 << 20} {
		text := letters(n, false)
		sealed := sealBytes(b, c, key, text)
		b.Run(byteSize(n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				r, err := c.OpenText(bytes.NewReader(sealed), int64(len(sealed)), int64(n), key)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.WriteTo(io.Discard); err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

func byteSize(n int) string {
	if n >= 1<<20 {
		return "10MB"
	}
	if n >= 100<<10 {
		return "100kB"
	}
	return "4kB"
}
