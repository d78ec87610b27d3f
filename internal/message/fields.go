package message

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"posthouse/internal/fault"
)

// HeaderField is a field of a header as it stands.
type HeaderField struct {
	Name string // as spelled; "" for a line that is no field
	Raw  []byte // with name, continuation lines and line end; shared with the header
}

// Value is the raw value, unfolded, without white space around.
func (f HeaderField) Value() string {
	_, value, _ := bytes.Cut(f.Raw, []byte{':'})
	return string(appendUnfolded(nil, value))
}

// HeaderFields yields the fields of header up to its empty line.
func HeaderFields(header []byte) iter.Seq[HeaderField] {
	return func(yield func(HeaderField) bool) {
		for h := header; len(h) > 0 && !isEmptyLine(h); {
			end := fieldEnd(h)
			if !yield(HeaderField{Name: fieldName(h[:end]), Raw: h[:end]}) {
				return
			}
			h = h[end:]
		}
	}
}

// FieldValues returns the raw, unfolded values of every field called name, in order.
func FieldValues(header []byte, name string) []string {
	var values []string
	for f := range HeaderFields(header) {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value())
		}
	}
	return values
}

// SelectFields appends to dst the fields of header that are in names (or, if not
// is set, those that aren't), without regard to case, and an empty line: what
// IMAP's HEADER.FIELDS and HEADER.FIELDS.NOT give.
func SelectFields(dst, header []byte, names []string, not bool) []byte {
	for f := range HeaderFields(header) {
		if selected(f.Name, names) != not {
			dst = append(dst, f.Raw...)
			if f.Raw[len(f.Raw)-1] != '\n' {
				dst = append(dst, "\r\n"...)
			}
		}
	}
	return append(dst, "\r\n"...)
}

// FilterFields is SelectFields for a header of any size, in bounded memory. It
// returns how much it wrote.
func FilterFields(w io.Writer, header io.Reader, names []string, not bool) (int64, error) {
	br := bufio.NewReaderSize(header, 8<<10)
	bw := bufio.NewWriterSize(w, 8<<10)
	var written int64
	keep, lineStart := false, true
	for {
		piece, err := br.ReadSlice('\n')
		if lineStart && isEmptyLine(piece) {
			break
		}
		if lineStart && len(piece) > 0 && piece[0] != ' ' && piece[0] != '\t' {
			keep = selected(fieldName(piece), names) != not
		}
		lineStart = err == nil
		if keep && err == io.EOF && len(piece) > 0 {
			piece = append(piece[:len(piece):len(piece)], "\r\n"...)
		}
		if keep {
			n, werr := bw.Write(piece)
			written += int64(n)
			if werr != nil {
				return written, werr
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return written, fault.Wrap(err)
		}
	}
	n, err := bw.WriteString("\r\n")
	if err == nil {
		err = bw.Flush()
	}
	return written + int64(n), err
}

func isEmptyLine(h []byte) bool {
	return len(h) > 0 && (h[0] == '\n' || h[0] == '\r' && len(h) > 1 && h[1] == '\n')
}

// fieldName is what stands before the first colon, "" if that is no name.
func fieldName(field []byte) string {
	const longest = 998
	i := bytes.IndexByte(field[:min(len(field), longest)], ':')
	if i < 0 {
		return ""
	}
	name := bytes.TrimRight(field[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c == 0x7F {
			return ""
		}
	}
	return string(name)
}

func selected(name string, names []string) bool {
	if name == "" {
		return false
	}
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
