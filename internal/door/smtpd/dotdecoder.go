package smtpd

import "bytes"

// flaw is what makes the content of a message unacceptable.
type flaw uint8

const (
	bareCR flaw = 1 << iota
	bareLF
	nul
)

// decoderState is where the decoder stands between two calls.
type decoderState uint8

const (
	lineStart  decoderState = iota
	lineDot                 // "." at the start of a line
	lineDotCR               // ".\r" at the start of a line
	lineInside              // within a line
	lineCR                  // "\r" within a line, not yet handed on
)

// decoder turns the octets behind DATA or BDAT into message content (RFC 5321
// sections 4.1.1.4 and 4.5.2, RFC 3030). Only <CRLF>.<CRLF> ends DATA, and lines
// end only in CRLF: any bare CR or LF is remembered as a flaw, begins no line,
// and stops the output, so that no other reading of where a line or the
// message ends can get past this server. The result does not depend on how
// the octets are split over calls.
type decoder struct {
	chunked bool // BDAT: no dots
	state   decoderState
	flaws   flaw
}

// decode consumes p up to the end of the message; out gets the content found.
// With end, p[n:] is no longer content.
func (d *decoder) decode(p []byte, out func([]byte)) (n int, end bool) {
	run := 0 // p[run:i] is content not yet handed on
	emit := func(to int) {
		if run < to && d.flaws == 0 {
			out(p[run:to])
		}
	}
	i := 0
	for i < len(p) {
		switch d.state {
		case lineStart:
			if p[i] == '.' && !d.chunked {
				emit(i)
				i++
				run = i
				d.state = lineDot
			} else {
				d.state = lineInside
			}
		case lineDot:
			if p[i] == '\r' {
				i++
				run = i
				d.state = lineDotCR
			} else {
				d.state = lineInside // the dot was stuffing
			}
		case lineDotCR:
			if p[i] == '\n' {
				return i + 1, true
			}
			d.flaws |= bareCR
			d.state = lineInside
		case lineCR:
			if p[i] != '\n' {
				d.flaws |= bareCR
				d.state = lineInside
				continue
			}
			if d.flaws == 0 {
				out(crlf)
			}
			i++
			run = i
			d.state = lineStart
		case lineInside:
			i = d.inside(p, i, emit)
			if d.state == lineCR {
				run = i
			}
		}
	}
	emit(i)
	return i, false
}

var crlf = []byte("\r\n")

// inside goes from p[i] to the end of the line or of p and returns where it
// stopped. A CR that is the last octet of p is held back.
func (d *decoder) inside(p []byte, i int, emit func(int)) int {
	rest := p[i:]
	lf := bytes.IndexByte(rest, '\n')
	line := rest
	if lf >= 0 {
		line = rest[:lf]
	}
	if bytes.IndexByte(line, 0) >= 0 {
		d.flaws |= nul
	}
	cr := bytes.IndexByte(line, '\r')
	atEnd := cr >= 0 && cr == len(line)-1
	if cr >= 0 && !atEnd {
		d.flaws |= bareCR
		atEnd = line[len(line)-1] == '\r'
	}
	switch {
	case lf < 0 && atEnd:
		emit(len(p) - 1)
		d.state = lineCR
		return len(p)
	case lf < 0:
		return len(p)
	case atEnd:
		d.state = lineStart
	default:
		d.flaws |= bareLF // d.state stays inside: what follows begins no line
	}
	return i + lf + 1
}

// close ends chunked content and hands on the line end that it lacks, so that
// it can be relayed with DATA as well.
func (d *decoder) close(out func([]byte)) {
	switch d.state {
	case lineCR:
		d.flaws |= bareCR
	case lineInside:
		if d.flaws == 0 {
			out(crlf)
		}
	}
	d.state = lineStart
}
