package dkim

import (
	"bufio"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"posthouse/internal/fault"
)

// Signer is a key and where its public half is published.
type Signer struct {
	Domain   string // d=, A-labels
	Selector string // s=
	Key      crypto.Signer
}

// signedFields are listed in h=, each once more than it occurs (RFC 6376 section
// 5.4.2): a second From, or a Reply-To where there was none, breaks the signature.
var signedFields = [...]string{
	"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

// maxHeader bounds the signed fields.
const maxHeader = 1 << 20

// Sign reads a message and returns one DKIM-Signature field per signer, ready to
// stand before it. Lines should end with CRLF, as on the wire; a bare LF is taken
// for one.
func Sign(message io.Reader, now time.Time, signers []Signer) ([]byte, error) {
	br := readers.Get().(*bufio.Reader)
	br.Reset(message)
	defer func() {
		br.Reset(nil)
		readers.Put(br)
	}()
	fields, err := readFields(br)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	body := relaxedBody{w: hash}
	if _, err := br.WriteTo(&body); err != nil {
		return nil, readFault(err)
	}
	body.close()
	bodyHash := base64.StdEncoding.EncodeToString(hash.Sum(nil))

	names, header := selectFields(fields)
	var out []byte
	for _, s := range signers {
		if out, err = s.appendSignature(out, now, names, header, bodyHash); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 32<<10) }}

func readFault(err error) error {
	if f := fault.Of(err); f.Code != fault.Internal {
		return err
	}
	return fault.Unavail("The message can't be read", err)
}

// selectFields returns the h= list and the canonical fields in its order.
// Verifiers take the instances of a name from the bottom up.
func selectFields(fields []field) (names []string, header []byte) {
	for i, name := range signedFields {
		for j := len(fields) - 1; j >= 0; j-- {
			if fields[j].index == i {
				names = append(names, name)
				header = append(header, fields[j].canonical...)
			}
		}
		names = append(names, name)
	}
	return names, header
}

func (s Signer) appendSignature(dst []byte, now time.Time, names []string, header []byte, bodyHash string) ([]byte, error) {
	var algorithm string
	opts := crypto.SignerOpts(crypto.SHA256)
	switch s.Key.Public().(type) {
	case *rsa.PublicKey:
		algorithm = "rsa-sha256"
	case ed25519.PublicKey:
		algorithm = "ed25519-sha256"
		opts = crypto.Hash(0) // RFC 8463 section 3: the digest is signed as a message
	default:
		return nil, errKey
	}
	f := folder{text: []byte("DKIM-Signature:")}
	f.add(" v=1;")
	f.add(" a=" + algorithm + ";")
	f.add(" c=relaxed/relaxed;")
	f.add(" d=" + s.Domain + ";")
	f.add(" s=" + s.Selector + ";")
	f.add(" t=" + strconv.FormatInt(now.Unix(), 10) + ";")
	for i, name := range names {
		switch {
		case i == 0:
			name = " h=" + name
		default:
			name = ":" + name
		}
		if i == len(names)-1 {
			name += ";"
		}
		f.add(name)
	}
	f.add(" bh=" + bodyHash + ";")
	f.add(" b=")

	hash := sha256.New()
	hash.Write(header)
	own := canonicalField(f.text)
	hash.Write(own[:len(own)-len("\r\n")]) // RFC 6376 section 3.7
	signature, err := s.Key.Sign(nil, hash.Sum(nil), opts)
	if err != nil {
		return nil, fault.Wrap(err)
	}
	for b := base64.StdEncoding.EncodeToString(signature); b != ""; {
		n := min(len(b), max(lineLength-f.column(), 1))
		f.add(b[:n])
		b = b[n:]
	}
	return append(append(dst, f.text...), "\r\n"...), nil
}

// lineLength is that of RFC 5322 section 2.1.1, without the line end.
const lineLength = 76

// folder writes a field with lines of bearable length.
type folder struct {
	text  []byte
	start int // of the current line
}

func (f *folder) column() int { return len(f.text) - f.start }

// add appends a piece, on a new line if it doesn't fit.
func (f *folder) add(piece string) {
	if f.column()+len(piece) > lineLength {
		f.text = append(f.text, "\r\n\t"...)
		f.start = len(f.text) - 1
		piece = strings.TrimPrefix(piece, " ")
	}
	f.text = append(f.text, piece...)
}
