package message

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// simpleMessage is a message of about size octets with an everyday header.
func simpleMessage(size int) []byte {
	var b bytes.Buffer
	b.WriteString("Return-Path: <ann@example.org>\r\nReceived: from mail.example.org (mail.example.org [192.0.2.1])\r\n\tby mx1.example.com with ESMTPS id abc123;\r\n\tMon, 02 Nov 2026 10:00:00 +0000\r\n" +
		"From: Ann Lee <ann@example.org>\r\nTo: \"Bob Roe\" <bob@example.com>, carol@example.com\r\nCc: dave@example.net\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and more\r\n" +
		"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <12345.678@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\nX-Mailer: something 1.0\r\n\r\n")
	for b.Len() < size {
		b.WriteString("The quick brown fox jumps over the lazy dog, again and again, until dusk.\r\n")
	}
	return b.Bytes()
}

func multipartMessage(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: Ann Lee <ann@example.org>\r\nTo: bob@example.com\r\nSubject: attached\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
		"--inner\r\nContent-Type: text/plain\r\n\r\nHello\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--inner--\r\n--outer\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := strings.Repeat("QUJD", 19) + "\r\n"
	for b.Len() < size {
		b.WriteString(line)
	}
	b.WriteString("--outer--\r\n")
	return b.Bytes()
}

func BenchmarkScan(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10, 1 << 20} {
		for kind, msg := range map[string][]byte{"plain": simpleMessage(size), "multipart": multipartMessage(size)} {
			b.Run(fmt.Sprintf("%s/%dk", kind, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(msg)))
				b.ReportAllocs()
				r := bytes.NewReader(msg)
				for b.Loop() {
					r.Reset(msg)
					if _, err := Scan(r, Limits{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	for kind, msg := range map[string][]byte{"plain": simpleMessage(4096), "multipart": multipartMessage(4096)} {
		p, err := Scan(bytes.NewReader(msg), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		form := p.AppendBinary(nil)
		b.Run("append/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			buf := form
			for b.Loop() {
				buf = p.AppendBinary(buf[:0])
			}
			b.ReportMetric(float64(len(buf)), "octets")
		})
		b.Run("decode/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := DecodePart(form); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
