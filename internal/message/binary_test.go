package message

import (
	"bytes"
	"reflect"
	"testing"

	"posthouse/internal/fault"
)

// checkBinary asserts that the compact form keeps everything.
func checkBinary(t testing.TB, p *Part) {
	t.Helper()
	form := p.AppendBinary(nil)
	got, err := DecodePart(form)
	if err != nil {
		t.Fatalf("DecodePart: %v", err)
	}
	if !bytes.Equal(got.AppendBinary(nil), form) {
		t.Fatal("the compact form changed on its way")
	}
	normalise(got)
	want := *p
	if !reflect.DeepEqual(normalise(&want), got) {
		t.Fatalf("got  %+v\nwant %+v", got, p)
	}
}

// normalise makes empty and nil lists equal.
func normalise(p *Part) *Part {
	c := *p
	if len(c.Params) == 0 {
		c.Params = nil
	}
	if len(c.DispositionParams) == 0 {
		c.DispositionParams = nil
	}
	children := c.Children
	c.Children = nil
	for _, child := range children {
		c.Children = append(c.Children, normalise(child))
	}
	*p = c
	return p
}

func TestDecodePartDamaged(t *testing.T) {
	form := mustScan(t, string(multipartMessage(2000))).AppendBinary(nil)
	for i := range form {
		if _, err := DecodePart(form[:i]); !fault.Is(err, fault.Internal) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
	if _, err := DecodePart(append(form[:len(form):len(form)], 0)); err == nil {
		t.Error("an octet too many is not noticed")
	}
	form[0]++
	if _, err := DecodePart(form); err == nil {
		t.Error("a version that isn't known is read")
	}
}

func FuzzDecodePart(f *testing.F) {
	for _, msg := range [][]byte{simpleMessage(600), multipartMessage(900), []byte("Content-Type: message/rfc822\r\n\r\nTo: g:a@b;\r\n\r\n"), nil} {
		p, err := Scan(bytes.NewReader(msg), Limits{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.AppendBinary(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodePart(b)
		if err != nil {
			return
		}
		again, err := DecodePart(p.AppendBinary(nil))
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("not stable: %v", err)
		}
	})
}
