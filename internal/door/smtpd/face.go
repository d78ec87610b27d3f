package smtpd

import (
	"context"
	"io"
	"net/netip"

	"posthouse/internal/mail/delivery"
	"posthouse/internal/mailaddr"
)

// face is what tells the MX from submission.
type face interface {
	// name is the service in logs and metrics.
	name() string
	// offersAuth says whether one must log in here.
	offersAuth() bool
	// offersDSN says whether the parameters of RFC 3461 are taken.
	offersDSN() bool
	// logIn checks the password; only where offersAuth.
	logIn(ctx context.Context, email, password string, remote netip.Addr) (*principal, error)
	// sender judges MAIL.
	sender(ctx context.Context, s *session, m *mailCommand) *reply
	// recipient judges RCPT and resolves the recipient.
	recipient(ctx context.Context, s *session, r *rcptCommand) (recipient, *reply)
	// header judges a header section, its lines ending in CRLF, and writes it to w as it is kept.
	header(s *session, header []byte, w io.Writer) (*reply, error)
	// spool opens an empty spool.
	spool() (Spool, error)
	// accept takes over the responsibility for the open transaction; when it
	// returns without an error the message is on stable storage.
	accept(ctx context.Context, s *session) error
}

// recipient is an accepted RCPT.
type recipient struct {
	address mailaddr.Address
	mailbox *delivery.Recipient // on the MX
	notify  string
	orcpt   string
}

// Spool holds the content of one message while it comes in; what it takes of
// memory is bounded. *spool.Spool is one.
type Spool interface {
	io.Writer
	io.ReaderAt
	Size() int64
	Close() error
}

// transaction is what MAIL begins and DATA, the last BDAT or RSET ends.
type transaction struct {
	id         string
	mail       mailCommand
	recipients []recipient
	own        []mailaddr.Address // submission: the account's own addresses
	attempts   int                // RCPT commands, refused ones too
	chunked    bool
	broken     *reply // why the remaining chunks are refused
	octets     int64  // of content as they came
	decoder    decoder
}

// principal is who has logged in. Its owner calls close when the session ends.
type principal struct {
	account int64
	revoked <-chan struct{} // closed when the session must end
	close   func()
	session any // the face's own
}
