package smtpd

import (
	"bytes"
	"strings"
	"testing"

	"posthouse/internal/mailaddr"
)

func own(t testing.TB, list ...string) (out []mailaddr.Address) {
	t.Helper()
	for _, s := range list {
		a, err := mailaddr.Parse(s, mailaddr.AllowUTF8)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func TestSubmittedHeader(t *testing.T) {
	mine := own(t, "ann@example.com", "sales@example.com", `"odd one"@example.com`, "jürgen@example.com")
	const ok = "Date: x\r\nMessage-ID: <y>\r\n"
	for _, c := range []struct {
		name, in, want string
		bad            *reply
	}{
		{name: "complete", in: "From: ann@example.com\r\n" + ok + "\r\n", want: "T\r\nFrom: ann@example.com\r\n" + ok + "\r\n"},
		{name: "no empty line", in: "From: ann@example.com\r\n" + ok, want: "T\r\nFrom: ann@example.com\r\n" + ok + "\r\n"},
		{name: "date and id added", in: "From: ann@example.com\r\n\r\n", want: "T\r\nFrom: ann@example.com\r\nDate: D\r\nMessage-ID: <M>\r\n\r\n"},
		{name: "bcc removed", in: "From: ann@example.com\r\nBCC: a,\r\n b\r\nReturn-Path: <x@y>\r\nResent-Bcc: c\r\n" + ok + "\r\n", want: "T\r\nFrom: ann@example.com\r\n" + ok + "\r\n"},
		{name: "name, comment, case", in: "FROM: Ann (of \\) sales) <ANN@Example.COM>\r\n" + ok + "\r\n", want: "T\r\nFROM: Ann (of \\) sales) <ANN@Example.COM>\r\n" + ok + "\r\n"},
		{name: "two own authors", in: "From: ann@example.com,\r\n\tsales@example.com\r\nSender: ann@example.com\r\n" + ok + "\r\n", want: "T\r\nFrom: ann@example.com,\r\n\tsales@example.com\r\nSender: ann@example.com\r\n" + ok + "\r\n"},
		{name: "quoted local part", in: "From: \"odd one\"@example.com\r\n" + ok + "\r\n", want: "T\r\nFrom: \"odd one\"@example.com\r\n" + ok + "\r\n"},
		{name: "UTF-8", in: "From: J <jürgen@example.com>\r\n" + ok + "\r\n", want: "T\r\nFrom: J <jürgen@example.com>\r\n" + ok + "\r\n"},
		{name: "unknown charset of the name", in: "From: =?x-own?b?QQ==?= <ann@example.com>\r\n" + ok + "\r\n", want: "T\r\nFrom: =?x-own?b?QQ==?= <ann@example.com>\r\n" + ok + "\r\n"},

		{name: "no from", in: ok + "\r\n", bad: replyNoFrom},
		{name: "no header", in: "\r\n", bad: replyNoFrom},
		{name: "nothing", in: "", bad: replyNoFrom},
		{name: "two froms", in: "From: ann@example.com\r\nSubject: x\r\nfrom: ann@example.com\r\n\r\n", bad: replyTwoFroms},
		{name: "two froms, obsolete space", in: "From: ann@example.com\r\nFrom : ceo@bank.example\r\n\r\n", bad: replyTwoFroms},
		{name: "from behind a folded start", in: " From: ceo@bank.example\r\nFrom: ann@example.com\r\n\r\n", bad: replyHeaderSyntax},
		{name: "from behind junk", in: "From: ann@example.com\r\njunk\r\nFrom: ceo@bank.example\r\n\r\n", bad: replyHeaderSyntax},
		{name: "NUL-like name", in: "From: ann@example.com\r\nFr\x01om: ceo@bank.example\r\n\r\n", bad: replyHeaderSyntax},
		{name: "UTF-8 name", in: "From: ann@example.com\r\nFrоm: ceo@bank.example\r\n\r\n", bad: replyHeaderSyntax},
		{name: "mbox line", in: "From ann Mon Jan 1\r\nFrom: ann@example.com\r\n\r\n", bad: replyHeaderSyntax},
		{name: "foreign", in: "From: ceo@bank.example\r\n\r\n", bad: replyForeignFrom},
		{name: "one foreign of two", in: "From: ann@example.com, ceo@bank.example\r\n\r\n", bad: replyForeignFrom},
		{name: "foreign in a group", in: "From: g: ann@example.com, ceo@bank.example;\r\n\r\n", bad: replyForeignFrom},
		{name: "empty group", in: "From: g:;\r\n\r\n", bad: replyFromSyntax},
		{name: "empty", in: "From:\r\n\r\n", bad: replyFromSyntax},
		{name: "own in comment", in: "From: ceo@bank.example (ann@example.com)\r\n\r\n", bad: replyForeignFrom},
		{name: "own as name", in: "From: \"ann@example.com\" <ceo@bank.example>\r\n\r\n", bad: replyForeignFrom},
		{name: "two angles", in: "From: <ann@example.com> <ceo@bank.example>\r\n\r\n", bad: replyFromSyntax},
		{name: "at sign in local part", in: "From: \"ceo@bank.example,ann\"@example.com\r\n\r\n", bad: replyForeignFrom},
		{name: "huge", in: "From: ann@example.com" + strings.Repeat(",ann@example.com", 2000) + "\r\n\r\n", bad: replyFromSyntax},
		{name: "nested comments", in: "From: " + strings.Repeat("(", 16000) + "\r\n\r\n", bad: replyFromSyntax},
		{name: "foreign sender", in: "From: ann@example.com\r\nSender: ceo@bank.example\r\n\r\n", bad: replyForeignBy},
		{name: "two senders", in: "From: ann@example.com\r\nSender: ann@example.com\r\nSender: ann@example.com\r\n\r\n", bad: replyTwoSenders},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, bad := inspectSubmitted([]byte(c.in))
			if bad == nil {
				bad = h.authorMayBe(mine)
			}
			if bad != c.bad {
				t.Fatalf("refused with %v, want %v", bad, c.bad)
			}
			if bad != nil {
				return
			}
			var b bytes.Buffer
			if err := h.writeSubmitted(&b, []byte("T\r\n"), []byte(c.in), "D", "M"); err != nil {
				t.Fatal(err)
			}
			if b.String() != c.want {
				t.Errorf("got  %q\nwant %q", b.String(), c.want)
			}
		})
	}
}
