package blackbox

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/textproto"
)

// client speaks SMTP beside a test's goroutine: it returns errors, of which a
// refusal is a *textproto.Error.
type client struct {
	net.Conn
	r    *textproto.Reader
	stop func() bool
}

func (s *server) client(ctx context.Context) (*client, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr("mx"))
	if err != nil {
		return nil, err
	}
	// Not ctx: a message under way is finished.
	k := &client{Conn: c, r: textproto.NewReader(bufio.NewReader(c)), stop: context.AfterFunc(s.ctx, func() { _ = c.Close() })}
	if _, _, err := k.r.ReadResponse(220); err != nil {
		return nil, err
	}
	return k, k.say(250, "EHLO client.test")
}

func (k *client) Close() error {
	k.stop()
	return k.Conn.Close()
}

func (k *client) say(want int, line string) error {
	if _, err := fmt.Fprintf(k.Conn, "%s\r\n", line); err != nil {
		return err
	}
	_, _, err := k.r.ReadResponse(want)
	return err
}

// send sends one message; after a refusal the session is as before.
func (k *client) send(from, to, content string) error {
	for _, step := range []struct {
		want int
		line string
	}{{250, "RSET"}, {250, "MAIL FROM:<" + from + ">"}, {250, "RCPT TO:<" + to + ">"}, {354, "DATA"}, {250, content + "."}} {
		if err := k.say(step.want, step.line); err != nil {
			return err
		}
	}
	return nil
}
