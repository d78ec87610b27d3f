// Package jwt makes and verifies the tokens that browsers carry between a
// partner and us (titan.md 9.1). HS256 under the shared API key is the only
// algorithm there is: a token can't choose another.
package jwt

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"posthouse/internal/fault"
)

// The rules of T-42.
const (
	Skew    = time.Minute    // clocks may differ by
	MaxLife = 24 * time.Hour // a token may still be valid for
	millis  = 100_000_000_000
	maxLen  = 4096
	maxKeys = 128 // tried
)

// header is exactly what is sent, and with or without typ all that is taken.
const header = `{"typ":"JWT","alg":"HS256"}`

// Claims are those that a redirect to us has.
type Claims struct {
	OrderID   int64 // titanOrderId; 0 = not given
	ExpiresAt time.Time
	Key       int // index of the key that verified
}

var encoding = base64.RawURLEncoding.Strict()

// refused is the one answer to whatever is wrong; the cause is for the log.
func refused(why string) error {
	return &fault.Error{Code: fault.Unauthenticated, Text: "The link has expired or is invalid", Reason: "JWT", Cause: reason(why)}
}

type reason string

func (r reason) Error() string { return "jwt: " + string(r) }

// Verify checks a token against every key and the time, which must be the
// platform's.
func Verify(token string, keys [][]byte, now time.Time) (Claims, error) {
	if len(token) > maxLen {
		return Claims{}, refused("too long")
	}
	if strings.ContainsAny(token, "\r\n") { // which base64 would skip
		return Claims{}, refused("a line break")
	}
	head, rest, ok := strings.Cut(token, ".")
	body, sum, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || strings.Contains(sum, ".") {
		return Claims{}, refused("not three parts")
	}
	if err := checkHeader(head); err != nil {
		return Claims{}, err
	}
	signature, err := encoding.DecodeString(sum)
	if err != nil || len(signature) != sha256.Size {
		return Claims{}, refused("the signature is malformed")
	}
	signed := token[:len(head)+1+len(body)]
	key := -1
	for i, k := range keys[:min(len(keys), maxKeys)] {
		if len(k) > 0 && hmac.Equal(signature, mac(signed, k)) {
			key = i
			break
		}
	}
	if key < 0 {
		return Claims{}, refused("signed by none of the keys")
	}
	c, err := readClaims(body, now)
	c.Key = key
	return c, err
}

func mac(signed string, key []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(signed))
	return m.Sum(nil)
}

func checkHeader(part string) error {
	h, err := object(part)
	if err != nil {
		return err
	}
	var alg, typ string
	for name, v := range h {
		switch name {
		case "alg":
			err = json.Unmarshal(v, &alg)
		case "typ":
			if err = json.Unmarshal(v, &typ); err == nil && typ != "JWT" {
				return refused("another type")
			}
		default:
			return refused("a header that is not known")
		}
		if err != nil {
			return refused("the header is malformed")
		}
	}
	if alg != "HS256" {
		return refused("another algorithm")
	}
	return nil
}

func readClaims(part string, now time.Time) (Claims, error) {
	m, err := object(part)
	if err != nil {
		return Claims{}, err
	}
	exp, given, err := instant(m["exp"])
	if err != nil {
		return Claims{}, err
	}
	switch {
	case !given:
		return Claims{}, refused("no exp")
	case !now.Before(exp.Add(Skew)):
		return Claims{}, refused("expired")
	case exp.Sub(now) > MaxLife+Skew:
		return Claims{}, refused("valid for too long")
	}
	for _, name := range []string{"nbf", "iat"} {
		t, given, err := instant(m[name])
		if err != nil {
			return Claims{}, err
		}
		if given && t.After(now.Add(Skew)) {
			return Claims{}, refused("not valid yet")
		}
	}
	c := Claims{ExpiresAt: exp}
	if v, ok := m["titanOrderId"]; ok && string(v) != "null" {
		if c.OrderID, err = strconv.ParseInt(number(v), 10, 64); err != nil || c.OrderID <= 0 {
			return Claims{}, refused("titanOrderId is no order id")
		}
	}
	return c, nil
}

// object decodes one part: a JSON object in which no name comes twice.
func object(part string) (map[string]json.RawMessage, error) {
	raw, err := encoding.DecodeString(part)
	if err != nil {
		return nil, refused("not base64url")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, refused("not an object")
	}
	m := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, refused("not an object")
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, refused("not an object")
		}
		if _, twice := m[name]; twice {
			return nil, refused("a name comes twice")
		}
		m[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, refused("not an object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, refused("more than an object")
	}
	return m, nil
}

// number gives the text of a JSON number or of a string that holds one.
func number(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(v)
}

// instant reads a NumericDate: seconds, or milliseconds from 100000000000 on.
func instant(v json.RawMessage) (time.Time, bool, error) {
	if len(v) == 0 || string(v) == "null" {
		return time.Time{}, false, nil
	}
	n, err := strconv.ParseFloat(number(v), 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e15 {
		return time.Time{}, false, refused("a time is malformed")
	}
	if n >= millis {
		return time.UnixMilli(int64(n)).UTC(), true, nil
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), true, nil
}

// Sign makes a token of claims under key.
func Sign(claims any, key []byte) (string, error) {
	if len(key) == 0 {
		return "", fault.New(fault.Internal, "There is no key to sign with")
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fault.Wrap(err)
	}
	signed := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString(body)
	return signed + "." + encoding.EncodeToString(mac(signed, key)), nil
}
