package smtpd

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// nullFace takes everything and keeps nothing: what is measured is the engine.
type nullFace struct{}

type nullSpool struct{ n int64 }

func (s *nullSpool) Write(p []byte) (int, error)        { s.n += int64(len(p)); return len(p), nil }
func (s *nullSpool) ReadAt([]byte, int64) (int, error)  { return 0, io.EOF }
func (s *nullSpool) Size() int64                        { return s.n }
func (s *nullSpool) Close() error                       { return nil }
func (nullFace) name() string                           { return "null" }
func (nullFace) offersAuth() bool                       { return false }
func (nullFace) offersDSN() bool                        { return false }
func (nullFace) spool() (Spool, error)                  { return &nullSpool{}, nil }
func (nullFace) accept(context.Context, *session) error { return nil }
func (nullFace) logIn(context.Context, string, string, netip.Addr) (*principal, error) {
	return nil, nil
}
func (nullFace) sender(context.Context, *session, *mailCommand) *reply { return nil }
func (nullFace) recipient(_ context.Context, _ *session, r *rcptCommand) (recipient, *reply) {
	return recipient{address: r.to}, nil
}
func (nullFace) header(_ *session, h []byte, w io.Writer) (*reply, error) {
	_, err := w.Write(h)
	return nil, err
}

// BenchmarkMessage is one transaction of 4 kB and of 100 kB in a session over
// loopback, the client's part included.
func BenchmarkMessage(b *testing.B) {
	for name, lines := range map[string]int{"4kB": 50, "100kB": 1300} {
		b.Run(name, func(b *testing.B) {
			cfg := testConfig(b, Limits{Session: 1 << 60, IdleCommands: 1 << 30})
			cfg.Log = slog.New(slog.DiscardHandler)
			addr := start(b, newServer(cfg, nullFace{}), false)
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			c := dial(b, addr)
			_ = c.conn.Close()
			c.conn = conn
			c.r.Reset(conn)
			c.want("220")
			c.do("EHLO x", "250")
			envelope := []byte("MAIL FROM:<a@example.net> SIZE=4000\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
			message := []byte("From: a\r\nSubject: b\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", lines) + ".\r\n")
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(envelope); err != nil {
					b.Fatal(err)
				}
				for range 3 {
					if _, err := c.r.ReadSlice('\n'); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := conn.Write(message); err != nil {
					b.Fatal(err)
				}
				if _, err := c.r.ReadSlice('\n'); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
