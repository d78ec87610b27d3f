package imapd_test

import (
	"crypto/tls"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const nested = "From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbG8sIFdlbHQh\r\n" +
	"--outer\r\nContent-Type: message/rfc822\r\n\r\nFrom: carol@example.org\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
	"--inner\r\nContent-Type: text/plain\r\n\r\ninner text\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>inner html</p>\r\n--inner--\r\n" +
	"--outer\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--outer--\r\n"

// TestForeignClient drives the server with an independent client library.
func TestForeignClient(t *testing.T) {
	b := newBench(t, nil)
	news := make(chan uint32, 10)
	c, err := imapclient.DialTLS(b.tls, &imapclient.Options{
		TLSConfig: &tls.Config{RootCAs: b.pool, ServerName: "mail.example.com"},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				news <- *d.NumMessages
			}
		}},
	})
	must(t, err)
	defer c.Close()
	must(t, c.Login(user, password).Wait())
	ap := c.Append("INBOX", int64(len(nested)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagFlagged}, Time: start.Add(-time.Hour)})
	_, err = io.WriteString(ap, nested)
	must(t, err)
	must(t, ap.Close())
	data, err := ap.Wait()
	must(t, err)
	if data.UID != 1 {
		t.Fatalf("APPENDUID %+v", data)
	}
	sel, err := c.Select("INBOX", nil).Wait()
	must(t, err)
	if sel.NumMessages != 1 || sel.UIDNext != 2 || sel.HighestModSeq == 0 {
		t.Fatalf("SELECT %+v", sel)
	}
	section := func(text imap.PartSpecifier, path ...int) *imap.FetchItemBodySection {
		return &imap.FetchItemBodySection{Specifier: text, Part: path, Peek: true}
	}
	sections := []*imap.FetchItemBodySection{
		section("", 1), section("", 2, 1), section("", 2, 2), section(imap.PartSpecifierHeader, 2), section(imap.PartSpecifierMIME, 3), section(imap.PartSpecifierMIME, 2, 2), section(""),
	}
	binary := &imap.FetchItemBinarySection{Part: []int{3}, Peek: true}
	msgs, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{Envelope: true, Flags: true, InternalDate: true, UID: true, RFC822Size: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true}, BodySection: sections, BinarySection: []*imap.FetchItemBinarySection{binary}}).Collect()
	must(t, err)
	m := msgs[0]
	if m.Envelope.Subject != "Grüße" || m.Envelope.From[0].Addr() != "ann@example.com" || m.RFC822Size != int64(len(nested)) || !m.InternalDate.Equal(start.Add(-time.Hour)) || len(m.Flags) != 2 {
		t.Errorf("FETCH %+v %+v", m, m.Envelope)
	}
	for i, want := range []string{
		"SGFsbG8sIFdlbHQh", "inner text", "<p>inner html</p>",
		"From: carol@example.org\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n",
		"Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"Content-Type: text/html\r\n\r\n", nested,
	} {
		if got := string(m.FindBodySection(sections[i])); got != want {
			t.Errorf("section %d: %q, want %q", i, got, want)
		}
	}
	if got := string(m.FindBinarySection(binary)); got != "\x00\x01\x02\x03" {
		t.Errorf("BINARY[3] %q", got)
	}
	var types []string
	m.BodyStructure.Walk(func(_ []int, p imap.BodyStructure) bool {
		types = append(types, p.MediaType())
		return true
	})
	if got := strings.Join(types, " "); !strings.HasPrefix(got, "multipart/mixed text/plain message/rfc822") || !strings.HasSuffix(got, "application/pdf") {
		t.Errorf("BODYSTRUCTURE %s", got)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{Body: []string{"Hallo"}, Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "Grüße"}}}, &imap.SearchOptions{ReturnCount: true, ReturnAll: true}).Wait()
	must(t, err)
	if found.Count != 1 {
		t.Errorf("SEARCH found %+v", found)
	}
	_, err = c.Copy(imap.SeqSetNum(1), "Archive").Wait()
	must(t, err)
	moved, err := c.Move(imap.SeqSetNum(1), "Trash").Wait()
	must(t, err)
	if moved.SourceUIDs.String() != "1" {
		t.Errorf("MOVE %+v", moved)
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true}}).Collect()
	must(t, err)
	for _, l := range list {
		if (l.Mailbox == "Archive" || l.Mailbox == "Trash") && *l.Status.NumMessages != 1 {
			t.Errorf("%s has %d", l.Mailbox, *l.Status.NumMessages)
		}
	}
	for len(news) > 0 {
		<-news
	}
	idle, err := c.Idle()
	must(t, err)
	b.deliver(letter(1))
	select {
	case n := <-news:
		if n != 1 {
			t.Errorf("EXISTS %d", n)
		}
	case <-time.After(60 * time.Second):
		t.Error("IDLE was not woken")
	}
	must(t, idle.Close())
	must(t, idle.Wait())
	must(t, c.Logout().Wait())
}
