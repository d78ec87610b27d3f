package smtpclient

import (
	"bufio"
	"io"
)

// dotWriter writes content as DATA wants it (RFC 5321 section 4.5.2): every line
// ends with CRLF, a leading dot is doubled, and the last line is ended. A bare
// CR or LF becomes CRLF, so that no server can see an end of data in it that
// another does not (SMTP smuggling).
type dotWriter struct {
	w    *bufio.Writer
	cr   bool // the last octet was CR, whose line end is already written
	text bool // something stands on the current line
}

func (d *dotWriter) Write(p []byte) (int, error) {
	start := 0 // p[start:i] is not yet written
	for i := 0; i < len(p); i++ {
		b := p[i]
		if d.cr {
			d.cr = false
			if b == '\n' { // second half of a CRLF
				start = i + 1
				continue
			}
		}
		switch {
		case b == '\r' || b == '\n':
			if _, err := d.w.Write(p[start:i]); err != nil {
				return i, err
			}
			if _, err := d.w.WriteString("\r\n"); err != nil {
				return i, err
			}
			start = i + 1
			d.cr, d.text = b == '\r', false
		case !d.text:
			d.text = true
			if b == '.' {
				if err := d.w.WriteByte('.'); err != nil {
					return i, err
				}
			}
		}
	}
	if _, err := d.w.Write(p[start:]); err != nil {
		return start, err
	}
	return len(p), nil
}

// end ends the last line and the content.
func (d *dotWriter) end() error {
	if d.text {
		if _, err := d.w.WriteString("\r\n"); err != nil {
			return err
		}
	}
	_, err := d.w.WriteString(".\r\n")
	return err
}

var _ io.Writer = (*dotWriter)(nil)
