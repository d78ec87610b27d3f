package smtpd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posthouse/internal/fault"
	"posthouse/internal/mailaddr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLongLineGoesOn(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{}))
	c.do("NOOP "+strings.Repeat("x", maxCommandLine), "500 5.5.2 The line is too long")
	c.do("NOOP "+strings.Repeat("x", 40<<10), "500 5.5.2 The line is too long")
	c.do("NOOP "+strings.Repeat("x", maxCommandLine-7), "250")
	c.do("QUIT", "221")
}

func TestHugeAddressesClose(t *testing.T) {
	addr := startFake(t, &fakeFace{}, Limits{})
	for _, line := range []string{
		"MAIL FROM:<" + strings.Repeat("a", 262144) + "@example.net>",
		"MAIL FROM:<a@" + strings.Repeat("a", 262144) + ">",
		"RCPT TO:<" + strings.Repeat("@a,", 262144/3) + ":b@example.com>",
	} {
		c := hello(t, addr)
		c.do(line, "500 5.5.2 The line is too long")
		c.wantEOF()
	}
}

// A line of any length costs one buffer and is not read to its end.
func TestEndlessLine(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{}))
	chunk := strings.Repeat("x", 64<<10)
	sent := 0
	for sent < 64<<20 {
		n, err := io.WriteString(c.conn, chunk)
		sent += n
		if err != nil {
			break
		}
	}
	if sent >= 64<<20 {
		t.Fatalf("the server read %d octets of one line", sent)
	}
}

func TestOneMegabyteLine(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{}))
	c.send(strings.Repeat("x", 1<<20) + "\r\n")
	c.want("500 5.5.2 The line is too long")
	c.wantEOF()
}

func TestCommandTimeout(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{Command: 30 * time.Millisecond}))
	c.send("NO") // a begun line does not help
	c.want("421 4.4.2 Timed out")
	c.wantEOF()
}

func TestSessionTimeLimit(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{Session: 50 * time.Millisecond}))
	c.want("421 4.4.2 Timed out")
	c.wantEOF()
}

func TestDataStalls(t *testing.T) {
	for name, limits := range map[string]Limits{
		"block": {DataBlock: 30 * time.Millisecond},
		"grace": {DataGrace: 30 * time.Millisecond, DataRate: 1 << 40},
		"total": {DataTotal: 30 * time.Millisecond},
	} {
		for _, cmd := range []string{"DATA", "BDAT 1000"} {
			t.Run(name+" "+cmd, func(t *testing.T) {
				f := &fakeFace{}
				c := hello(t, startFake(t, f, limits))
				c.envelope()
				c.send(cmd + "\r\n")
				if cmd == "DATA" {
					c.want("354")
				}
				c.send("Subject: x\r\n")
				c.want("421 4.4.2 The message came too slowly")
				c.wantEOF()
				if len(f.messages()) != 0 {
					t.Fatal("stored")
				}
			})
		}
	}
}

// The deadline while a message comes in is the earliest of its three rules.
func TestDataDeadline(t *testing.T) {
	at := time.Unix(1e9, 0)
	srv := &Server{limits: Limits{DataTotal: 30 * time.Minute, DataBlock: 3 * time.Minute, DataGrace: time.Minute, DataRate: 1000}}
	for _, c := range []struct {
		octets int64
		passed time.Duration
		want   time.Duration
	}{
		{0, 0, time.Minute},
		{60, time.Minute, time.Minute + 60*time.Millisecond}, // one octet a second ends here
		{30_000, 10 * time.Second, 90 * time.Second},
		{10 << 20, time.Minute, 4 * time.Minute},
		{50 << 20, 29 * time.Minute, 30 * time.Minute},
	} {
		s := &session{srv: srv, dataStart: at}
		s.tx.octets = c.octets
		if got := s.dataDeadline(at.Add(c.passed)).Sub(at); got != c.want {
			t.Errorf("%d octets after %v: %v, want %v", c.octets, c.passed, got, c.want)
		}
	}
}

func TestTooManyErrors(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{Errors: 3}))
	c.do("FOO", "500")
	c.do("BAR", "500")
	c.do("BAZ", "500")
	c.want("421 4.7.0 Too many errors")
	c.wantEOF()
}

func TestAddressHarvest(t *testing.T) {
	f := &fakeFace{onRecipient: func(mailaddr.Address) *reply {
		return replyOf(fault.New(fault.AccountNotFound, "x").WithReason("NO_SUCH_MAILBOX"))
	}}
	c := hello(t, startFake(t, f, Limits{Refused: 4}))
	c.do("MAIL FROM:<>", "250")
	for i := range 4 {
		c.do(fmt.Sprintf("RCPT TO:<u%d@example.com>", i), "550 5.1.1")
	}
	c.want("421 4.7.0")
	c.wantEOF()
}

func TestIdleCommands(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{IdleCommands: 5}))
	for range 4 {
		c.do("NOOP", "250")
	}
	c.do("RSET", "250")
	c.want("421 4.7.0 Too many commands without mail")
	c.wantEOF()
}

// Recipients that are taken lead to mail, however many they are: a list's mail
// must not end in "Too many commands" at every try.
func TestManyRecipients(t *testing.T) {
	const most = 30
	c := hello(t, startFake(t, &fakeFace{}, Limits{IdleCommands: 5, Recipients: most}))
	for range 2 {
		c.do("MAIL FROM:<a@example.net>", "250")
		for i := range most + 10 {
			want := "250"
			if i >= most {
				want = "452 4.5.3"
			}
			c.do(fmt.Sprintf("RCPT TO:<u%d@example.com>", i), want)
		}
		c.do("DATA", "354")
		c.do("Subject: x\r\n\r\nx\r\n.", "250")
	}
	c.do("MAIL FROM:<a@example.net>", "250")
	for range 1 + 6 { // said again it is idle talk
		c.do("RCPT TO:<same@example.com>", "250")
	}
	c.want("421 4.7.0 Too many commands without mail")
}

func TestBadLogIns(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{auth: true}, Limits{}))
	c.do("STARTTLS", "220")
	c.startTLS()
	c.do("EHLO x", "250")
	for range 3 {
		c.do("AUTH PLAIN AGFubkBleGFtcGxlLmNvbQB3cm9uZw==", "535")
	}
	c.want("421 4.7.0 Too many errors")
	c.wantEOF()
}

// What is sent beyond the limit is read to a bound, then the client is told and left.
func TestEndlessData(t *testing.T) {
	f := &fakeFace{}
	c := hello(t, startFake(t, f, Limits{MessageBytes: 1 << 20, DiscardBytes: 1 << 20}))
	c.envelope()
	c.do("DATA", "354")
	sent, chunk := 0, strings.Repeat("x", 998)+"\r\n"
	for sent < 64<<20 {
		n, err := io.WriteString(c.conn, chunk)
		if sent += n; err != nil {
			break
		}
	}
	if sent >= 64<<20 {
		t.Fatalf("the server read %d octets", sent)
	}
	if len(f.messages()) != 0 {
		t.Fatal("stored")
	}
}

func TestFloodIsTold(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{MessageBytes: 1000, DiscardBytes: 1000}))
	c.envelope()
	c.do("DATA", "354")
	c.send(strings.Repeat("A: b\r\n", 400))
	c.want("552 5.3.4")
	c.want("421 4.3.4")
	c.wantEOF()
}

func TestDiskFullInData(t *testing.T) {
	full := true
	f := &fakeFace{spoolErr: func(size int) error {
		if full && size > 100 {
			return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
		}
		return nil
	}}
	c := hello(t, startFake(t, f, Limits{}))
	message := "A: b\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 2000)
	for range 2 {
		c.envelope()
		c.do("DATA", "354")
		c.send(message + ".\r\n")
		c.want("452 4.3.1")
		c.envelope()
		c.send(bdat(message, true))
		c.want("452 4.3.1")
	}
	full = false
	c.envelope()
	c.do("DATA", "354")
	c.send(message + ".\r\n")
	c.want("250 2.0.0")
	if m := f.messages(); len(m) != 1 || m[0].content != message {
		t.Fatalf("%d stored", len(m))
	}
}

func TestStoringFails(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("secret detail"), "451 4.3.0 Not possible now; try later\r\n"},
		{fault.Unavail("database", errors.New("secret detail")), "451 4.3.0 Not possible now; try later\r\n"},
		{fault.Unavail("disk", syscall.ENOSPC), "452 4.3.1 "},
		{fault.New(fault.OverQuota, "x"), "452 4.2.2 The mailbox is full\r\n"},
		{fault.New(fault.TooLarge, "x\r\n250 y"), "552 5.3.4 x??250 y\r\n"},
		{fault.New(fault.Forbidden, "No").WithReason("MAY_NOT_SEND"), "550 5.7.1 No\r\n"},
		{&fault.Error{Code: fault.Forbidden, Text: "Wait", Temporary: true}, "451 4.7.1 Wait\r\n"},
	} {
		f := &fakeFace{onAccept: func(string) error { return c.err }}
		cl := hello(t, startFake(t, f, Limits{}))
		cl.envelope()
		cl.do("DATA", "354")
		cl.do("A: b\r\n.", c.want)
		cl.do("RCPT TO:<b@example.com>", "503")
	}
}

func TestPanicEndsOneSession(t *testing.T) {
	f := &fakeFace{onAccept: func(string) error { panic("bug") }}
	cfg := testConfig(t, Limits{})
	cfg.Log = slog.New(slog.DiscardHandler) // the harness's fails at a panic
	addr := start(t, newServer(cfg, f), false)
	c := hello(t, addr)
	c.envelope()
	c.do("DATA", "354")
	c.send(".\r\n")
	c.wantEOF()
	hello(t, addr).do("QUIT", "221")
}

func TestEarlyTalker(t *testing.T) {
	addr := startFake(t, &fakeFace{}, Limits{GreetingPause: 10 * time.Second})
	c := dial(t, addr)
	c.send("EHLO worm\r\n")
	c.want("554 5.5.1 You talked before the greeting")
	c.wantEOF()
	addr = startFake(t, &fakeFace{}, Limits{GreetingPause: 20 * time.Millisecond})
	hello(t, addr).do("QUIT", "221")
}

func TestTLSOnAPlainPort(t *testing.T) {
	c := dial(t, startFake(t, &fakeFace{}, Limits{}))
	c.want("220")
	c.send("\x16\x03\x01\x02\x00\x01")
	c.want("421 4.7.0 This is a mail server")
	c.wantEOF()
}

// Octets that follow STARTTLS in another packet meet the handshake, not the engine.
func TestStartTLSThenPlainText(t *testing.T) {
	f := &fakeFace{}
	c := hello(t, startFake(t, f, Limits{}))
	c.do("STARTTLS", "220")
	c.send("EHLO x\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n.\r\n")
	if b, err := io.ReadAll(c.r); strings.Contains(string(b), "250") {
		t.Fatalf("got %q, %v", b, err)
	}
	if len(f.messages()) != 0 {
		t.Fatal("stored")
	}
}

func TestHandshakeStalls(t *testing.T) {
	c := hello(t, startFake(t, &fakeFace{}, Limits{Handshake: 30 * time.Millisecond}))
	c.do("STARTTLS", "220")
	c.wantEOF()
}

func TestImplicitTLS(t *testing.T) {
	addr := start(t, newServer(testConfig(t, Limits{}), &fakeFace{auth: true}), true)
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, addr)
	_ = c.conn.Close()
	c.conn = conn
	c.r.Reset(conn)
	c.want("220")
	if got := c.do("EHLO x", "250"); strings.Contains(got, "STARTTLS") || !strings.Contains(got, "AUTH PLAIN LOGIN") {
		t.Fatal(got)
	}
	c.do("QUIT", "221")
}

// Over the network and through the engine: after any <x>.<y> form in a message
// the session is in step, and what was behind the form was content.
func TestSmugglingKeepsStep(t *testing.T) {
	f := &fakeFace{}
	addr := startFake(t, f, Limits{})
	ends := []string{"\n", "\r", "\r\n", "\n\r", "\r\r\n", "\x00\r\n", "\r\n\x00"}
	for _, x := range ends {
		for _, y := range ends {
			if strings.Contains(x+"."+y, "\r\n.\r\n") {
				continue // the true end, perhaps with something around it
			}
			before := len(f.messages())
			c := hello(t, addr)
			c.envelope()
			c.do("DATA", "354")
			c.send("Subject: x\r\n\r\nbody" + x + "." + y + "MAIL FROM:<evil@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\nevil\r\n.\r\n")
			if got := c.reply(); !strings.HasPrefix(got, "550 5.6.11") && !strings.HasPrefix(got, "550 5.6.0") {
				t.Fatalf("%q.%q: %q", x, y, got)
			}
			c.do("NOOP", "250 2.0.0 OK")
			c.do("QUIT", "221")
			c.wantEOF()
			if len(f.messages()) != before {
				t.Fatalf("%q.%q: stored", x, y)
			}
		}
	}
}

// Memory does not follow what a client sends.
func TestMemoryIsBounded(t *testing.T) {
	f := &fakeFace{spoolErr: func(int) error { return syscall.ENOSPC }}
	c := hello(t, startFake(t, f, Limits{MessageBytes: 64 << 20}))
	c.envelope()
	c.do("DATA", "354")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	chunk := []byte(strings.Repeat(strings.Repeat("x", 998)+"\r\n", 64))
	c.send("A: b\r\n\r\n")
	for range 500 {
		if _, err := c.conn.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	c.send(".\r\n")
	c.want("452")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Fatalf("%d octets allocated for 32 MB", grown)
	}
}
