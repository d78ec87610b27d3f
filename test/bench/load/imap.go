package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// Login is a mailbox and its password.
type Login struct{ User, Password string }

// IMAP is a client that reads answers without parsing them: it counts lines
// and bytes, so that what is measured is the server.
type IMAP struct {
	nc  net.Conn
	r   *bufio.Reader
	tag int
	end func() bool
}

// DialIMAP connects in plain text on loopback and logs in. Posthouse wants TLS
// for that: its address is then given as tls:host:port.
func DialIMAP(ctx context.Context, addr string, l Login) (*IMAP, error) {
	nc, err := dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	c := &IMAP{nc: nc, r: bufio.NewReaderSize(nc, 256<<10)}
	c.end = context.AfterFunc(ctx, func() { nc.Close() })
	if _, err := c.r.ReadString('\n'); err != nil {
		return nil, err
	}
	if _, err := c.Do(fmt.Sprintf("LOGIN %s %s", l.User, l.Password), nil); err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

// Close drops the connection.
func (c *IMAP) Close() error {
	c.end()
	return c.nc.Close()
}

// Shrink lets the large read buffer go: thousands of clients share this machine with the server.
func (c *IMAP) Shrink() { c.r = bufio.NewReaderSize(c.nc, 512) }

// Stat is what an answer held.
type Stat struct{ Lines, Bytes int }

// Do sends a command and reads to its tagged answer; each, if given, sees
// every untagged line without its literals.
func (c *IMAP) Do(cmd string, each func(line []byte)) (Stat, error) {
	c.tag++
	tag := "t" + strconv.Itoa(c.tag)
	if _, err := io.WriteString(c.nc, tag+" "+cmd+"\r\n"); err != nil {
		return Stat{}, err
	}
	return c.read(tag, each)
}

func (c *IMAP) read(tag string, each func([]byte)) (Stat, error) {
	var s Stat
	for {
		line, err := c.line()
		if err != nil {
			return s, err
		}
		s.Bytes += len(line)
		if n, ok := literal(line); ok {
			d, err := io.CopyN(io.Discard, c.r, n)
			s.Bytes += int(d)
			if err != nil {
				return s, err
			}
			if each != nil {
				each(line)
			}
			continue // the rest of the same response follows
		}
		if bytes.HasPrefix(line, []byte(tag+" ")) {
			if !bytes.HasPrefix(line[len(tag)+1:], []byte("OK")) {
				return s, fmt.Errorf("imap: %s", bytes.TrimSpace(line))
			}
			return s, nil
		}
		if line[0] == '*' {
			s.Lines++
		}
		if each != nil {
			each(line)
		}
	}
}

// line reads one line whole, however long.
func (c *IMAP) line() ([]byte, error) {
	b, err := c.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		out := append([]byte(nil), b...)
		for err == bufio.ErrBufferFull {
			b, err = c.r.ReadSlice('\n')
			out = append(out, b...)
		}
		return out, err
	}
	return b, err
}

func literal(line []byte) (int64, bool) {
	l := bytes.TrimRight(line, "\r\n")
	if len(l) < 3 || l[len(l)-1] != '}' {
		return 0, false
	}
	i := bytes.LastIndexByte(l, '{')
	if i < 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(l[i+1:len(l)-1]), 10, 64)
	return n, err == nil
}

// Messages asks STATUS for the number of messages.
func (c *IMAP) Messages(folder string) (int, error) {
	n := 0
	_, err := c.Do("STATUS "+folder+" (MESSAGES)", func(line []byte) {
		if i := bytes.Index(line, []byte("MESSAGES ")); i >= 0 {
			text := strings.TrimRight(string(line[i+len("MESSAGES "):]), ")\r\n ")
			n, _ = strconv.Atoi(strings.Fields(text)[0]) // 0 shows as "not visible yet"
		}
	})
	return n, err
}

// Append stores a message and waits for the tagged answer.
func (c *IMAP) Append(folder string, msg []byte) error {
	c.tag++
	tag := "t" + strconv.Itoa(c.tag)
	if _, err := fmt.Fprintf(c.nc, "%s APPEND %s {%d}\r\n", tag, folder, len(msg)); err != nil {
		return err
	}
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if line[0] == '+' {
			break
		}
		if line[0] != '*' {
			return fmt.Errorf("imap: %s", bytes.TrimSpace(line))
		}
	}
	if _, err := c.nc.Write(append(msg, '\r', '\n')); err != nil {
		return err
	}
	_, err := c.read(tag, nil)
	return err
}

// Fill stores count messages as fast as the server takes them: in one command
// for each batch where it has MULTIAPPEND (RFC 3502), else one by one.
func (c *IMAP) Fill(folder string, from, count int, message func(n int) []byte) error {
	const batch = 100
	multi := false
	if _, err := c.Do("CAPABILITY", func(line []byte) { multi = multi || bytes.Contains(line, []byte(" MULTIAPPEND")) }); err != nil {
		return err
	}
	for n := from; n < from+count; {
		if !multi {
			if err := c.Append(folder, message(n)); err != nil {
				return err
			}
			n++
			continue
		}
		c.tag++
		tag := "t" + strconv.Itoa(c.tag)
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s APPEND %s", tag, folder)
		for range min(batch, from+count-n) {
			m := message(n)
			fmt.Fprintf(&b, " {%d+}\r\n%s", len(m), m)
			n++
		}
		b.WriteString("\r\n")
		if _, err := c.nc.Write(b.Bytes()); err != nil {
			return err
		}
		if _, err := c.read(tag, nil); err != nil {
			return err
		}
	}
	return nil
}

// Idle enters IDLE and calls woken at the first EXISTS.
func (c *IMAP) Idle(ready func(), woken func()) error {
	c.tag++
	if _, err := fmt.Fprintf(c.nc, "t%d IDLE\r\n", c.tag); err != nil {
		return err
	}
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if line[0] == '+' {
			ready()
		}
		if bytes.Contains(line, []byte(" EXISTS")) {
			woken()
			return nil
		}
	}
}
