package blob

import (
	"encoding/binary"
	"hash/crc32"
)

// A segment file is a header and then records. A blob is one record, or several
// in a row of which all but the last carry exactly maxPayload bytes. Both
// checksums are CRC-32C: they find torn writes and rotten disks; that nobody
// altered the bytes on purpose is shown by the seal inside.
//
//	record = 0xB1 flags 0x00 0x00 | length u32 | crc(payload) u32 | crc(the 12 bytes before) u32 | payload
const (
	segmentHeader = 16
	recordHeader  = 16
	maxPayload    = 1 << 20

	flagFirst = 1
	flagLast  = 2

	recordMagic = 0xB1
)

var (
	segmentMagic = [8]byte{'P', 'H', 'S', 'E', 'G', '1', '\r', '\n'}
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
)

type record struct {
	flags  byte
	length int
	crc    uint32
}

func appendRecordHeader(dst []byte, flags byte, payload []byte) []byte {
	start := len(dst)
	dst = append(dst, recordMagic, flags, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(payload, castagnoli))
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// parseRecordHeader reports false for anything but an intact header.
func parseRecordHeader(b []byte) (record, bool) {
	if len(b) < recordHeader || b[0] != recordMagic || b[1]&^(flagFirst|flagLast) != 0 || b[2] != 0 || b[3] != 0 {
		return record{}, false
	}
	if crc32.Checksum(b[:12], castagnoli) != binary.LittleEndian.Uint32(b[12:]) {
		return record{}, false
	}
	r := record{flags: b[1], length: int(binary.LittleEndian.Uint32(b[4:])), crc: binary.LittleEndian.Uint32(b[8:])}
	if r.length > maxPayload || (r.flags&flagLast == 0 && r.length != maxPayload) {
		return record{}, false
	}
	return r, true
}

func appendSegmentHeader(dst []byte, id int64) []byte {
	dst = append(dst, segmentMagic[:]...)
	return binary.LittleEndian.AppendUint64(dst, uint64(id))
}
