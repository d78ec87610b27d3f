package blob

import (
	"bytes"
	"testing"
)

func FuzzScan(f *testing.F) {
	seg := appendSegmentHeader(nil, 3)
	for _, b := range [][]byte{{}, []byte("hello"), letters(300, true)} {
		seg = append(appendRecordHeader(seg, flagFirst|flagLast, b), b...)
	}
	f.Add(seg)
	f.Add(seg[:len(seg)-5])
	f.Add(append(bytes.Clone(seg), 0xB1, 3, 0, 0, 255, 255, 255, 255))
	f.Fuzz(func(t *testing.T, b []byte) {
		last := int64(segmentHeader)
		end, err := scan(t.Context(), bytes.NewReader(b), 3, func(r Ref) error {
			if r.Offset != last || r.Offset+framed(r.Length) > int64(len(b)) {
				t.Fatalf("%+v outside of %d bytes", r, len(b))
			}
			last = r.Offset + framed(r.Length)
			return nil
		})
		if err != nil || end > int64(len(b)) {
			t.Fatalf("end %d of %d, %v", end, len(b), err)
		}
	})
}

// framed is how many bytes a blob of length n takes in a segment.
func framed(n int64) int64 {
	records := (n + maxPayload - 1) / maxPayload
	if records == 0 {
		records = 1
	}
	return n + records*recordHeader
}
