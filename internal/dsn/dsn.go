// Package dsn composes delivery status notifications (RFC 3464) with the sender's
// wishes of RFC 3461 and, for internationalised mail, RFC 6533. A notification is
// sent with the null reverse-path; it says Auto-Submitted, so nobody answers it.
package dsn

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
	"posthouse/internal/message"
)

// Action is what became of a recipient (RFC 3464 section 2.3.3).
type Action string

// The actions.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed"  // to a host that promises no notifications
	Expanded  Action = "expanded" // sent on to several, or to where the recipient forwards to
)

// Recipient is one recipient of the original message.
type Recipient struct {
	Address    string    // final recipient, as in RCPT
	ORcpt      string    // the ORCPT parameter as it came, "rfc822;" and xtext; "" = none
	Action     Action    //
	Status     string    // enhanced status code, "5.1.1"; made up from Action if malformed
	RemoteMTA  string    // host that said Diagnostic; "" = none or our own word
	Diagnostic string    // SMTP reply, or our own reason where RemoteMTA is ""
	Attempted  time.Time // last attempt; zero = not told
	RetryUntil time.Time // of Delayed; zero = not told
}

// Report is what a notification tells.
type Report struct {
	ID           string           // left side of the Message-ID, unique and not to be guessed
	Host         string           // our host name: Reporting-MTA and right side of the Message-ID
	From         mailaddr.Address // zero = MAILER-DAEMON at Host
	To           mailaddr.Address // the reverse-path of the original
	Time         time.Time
	Arrival      time.Time // of the original; zero = not told
	EnvID        string    // the ENVID parameter as it came, xtext
	SMTPUTF8     bool      // the original came with SMTPUTF8, so may this notification
	Recipients   []Recipient
	Original     io.Reader // the original, read as far as needed; nil = nothing is returned
	OriginalSize int64
	Full         bool // RET=FULL: return the whole original if a recipient failed and it is no larger than MaxFull
}

// The bounds of what is returned of the original, in octets.
const (
	MaxFull   = 256 << 10
	MaxHeader = 64 << 10
)

// Compose writes the notification, at most about MaxFull octets and 3 kB per recipient long.
func Compose(r *Report) ([]byte, error) {
	if len(r.Recipients) == 0 || r.To.IsZero() {
		return nil, fault.New(fault.Internal, "A notification tells of nobody or goes to nobody")
	}
	returned, full, err := r.original()
	if err != nil {
		return nil, err
	}
	c := composer{Report: r, boundary: boundary(r.ID, returned)}
	c.header(returned)
	c.part("text/plain; charset=utf-8", "Notification")
	c.text(full)
	c.part(c.global("message/delivery-status", "message/global-delivery-status"), "Delivery report")
	c.status()
	if r.Original != nil {
		if full {
			c.part(c.global("message/rfc822", "message/global"), "Undelivered message")
		} else {
			c.part(c.global("text/rfc822-headers", "message/global-headers"), "Header of the message")
		}
		c.out.Write(returned)
	}
	fmt.Fprintf(&c.out, "\r\n--%s--\r\n", c.boundary)
	return c.out.Bytes(), nil
}

// original reads what is returned. RFC 3461 section 4.3: only a failure returns
// more than the header.
func (r *Report) original() (returned []byte, full bool, err error) {
	if r.Original == nil {
		return nil, false, nil
	}
	full = r.Full && r.OriginalSize <= MaxFull && r.has(Failed)
	most := int64(MaxHeader)
	if full {
		most = MaxFull
	}
	if returned, err = io.ReadAll(io.LimitReader(r.Original, most)); err != nil {
		return nil, false, fault.Wrap(err)
	}
	if full {
		return returned, true, nil
	}
	var header []byte
	for f := range message.HeaderFields(returned) {
		if len(header)+len(f.Raw) == MaxHeader {
			break // cut short by the limit
		}
		header = append(header, f.Raw...)
	}
	if len(header) > 0 && header[len(header)-1] != '\n' {
		header = append(header, "\r\n"...)
	}
	return header, false, nil
}

func (r *Report) has(a Action) bool {
	for _, x := range r.Recipients {
		if x.Action == a {
			return true
		}
	}
	return false
}

// boundary is a delimiter that does not occur in the original.
func boundary(id string, original []byte) string {
	var clean strings.Builder
	for i := 0; i < len(id) && clean.Len() < 40; i++ {
		if c := id[i]; '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' {
			clean.WriteByte(c)
		}
	}
	for n := 0; ; n++ {
		if b := fmt.Sprintf("=_%s.%d", clean.String(), n); !bytes.Contains(original, []byte("--"+b)) {
			return b
		}
	}
}

type composer struct {
	*Report
	boundary string
	out      bytes.Buffer
}

// global chooses the type of RFC 6533 where the original was internationalised.
func (c *composer) global(plain, utf8 string) string {
	if c.SMTPUTF8 {
		return utf8
	}
	return plain
}

func (c *composer) header(returned []byte) {
	from := c.From
	if from.IsZero() {
		from = mailaddr.Address{Local: "MAILER-DAEMON", Domain: c.Host}
	}
	c.field("From", "Mail Delivery System <"+from.String()+">")
	c.field("To", "<"+c.To.String()+">")
	c.field("Subject", c.subject())
	c.field("Date", c.Time.Format(time.RFC1123Z))
	c.field("Message-ID", "<"+c.ID+"@"+c.Host+">")
	if ids := message.FieldValues(returned, "Message-ID"); len(ids) > 0 && len(ids[0]) <= 900 && printable(ids[0]) {
		c.field("References", ids[0])
	}
	c.field("Auto-Submitted", "auto-replied")
	c.field("MIME-Version", "1.0")
	c.field("Content-Type", "multipart/report; report-type="+c.global("delivery-status", "global-delivery-status")+";\r\n\tboundary=\""+c.boundary+"\"")
	c.field("Content-Transfer-Encoding", "8bit")
	c.out.WriteString("\r\nThis is a delivery status notification in MIME format.\r\n")
}

// field writes a header field whose value is known to be clean.
func (c *composer) field(name, value string) {
	c.out.WriteString(name + ": " + value + "\r\n")
}

func (c *composer) part(mediaType, description string) {
	fmt.Fprintf(&c.out, "\r\n--%s\r\nContent-Type: %s\r\nContent-Description: %s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", c.boundary, mediaType, description)
}
