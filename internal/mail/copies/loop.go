package copies

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"posthouse/internal/mailaddr"
)

const (
	maxHeader = 1 << 20 // octets looked at; the doors take less
	maxValue  = 1 << 10 // of a field: no address is longer
)

var fieldName = []byte("delivered-to")

// Visited gives those of the addresses (values of DeliveredTo) which the header
// of a message names in a Delivered-To: it has been there before, and was sent
// back by some host outside (RFC 9228 section 3). It reads no further than the
// header, in bounded memory, and no content makes it fail.
func Visited(message io.Reader, addresses ...string) ([]string, error) {
	asked := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		if a != "" {
			asked[a] = true
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	var found []string
	err := deliveredTo(message, func(value string) {
		if a := address(value); asked[a] {
			delete(asked, a)
			found = append(found, a)
		}
	})
	return found, err
}

// address reads a field's value; "" when it is none.
func address(value string) string {
	value = strings.TrimSpace(value)
	if len(value) > 2 && value[0] == '<' && value[len(value)-1] == '>' {
		value = value[1 : len(value)-1]
	}
	a, err := mailaddr.Parse(value, mailaddr.AllowUTF8)
	if err != nil {
		return ""
	}
	return a.Normal().String()
}

// deliveredTo calls fn with the unfolded value of each Delivered-To field.
func deliveredTo(message io.Reader, fn func(value string)) error {
	r := bufio.NewReaderSize(io.LimitReader(message, maxHeader), 4<<10)
	var value []byte // of the field that the last line belonged to
	var ours bool
	end := func() {
		if ours && len(value) <= maxValue {
			fn(string(value))
		}
		value, ours = value[:0], false
	}
	for lineStart := true; ; {
		piece, err := r.ReadSlice('\n')
		text := bytes.TrimRight(piece, "\r\n")
		if lineStart {
			switch {
			case len(text) == 0:
				end()
				return ignoreEnd(err)
			case text[0] != ' ' && text[0] != '\t':
				end()
				text, ours = cutName(text)
			}
		}
		if ours && len(value) <= maxValue {
			value = append(value, text...)
		}
		lineStart = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			end()
			return ignoreEnd(err)
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		return nil
	}
	return err
}

// cutName gives what follows the colon of a Delivered-To field. White space
// before the colon is obsolete but valid (RFC 5322 section 4.5).
func cutName(line []byte) (rest []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 || !bytes.EqualFold(bytes.TrimRight(line[:colon], " \t"), fieldName) {
		return nil, false
	}
	return line[colon+1:], true
}
