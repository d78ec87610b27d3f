package jwt

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"

	"posthouse/internal/fault"
)

var (
	key   = []byte("p_7:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	other = []byte("p_8:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
	now   = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
)

// raw makes a token of any header and body, rightly signed.
func raw(head, body string, k []byte) string {
	signed := encoding.EncodeToString([]byte(head)) + "." + encoding.EncodeToString([]byte(body))
	return signed + "." + encoding.EncodeToString(mac(signed, k))
}

func unix(d time.Duration) int64 { return now.Add(d).Unix() }

func TestVerify(t *testing.T) {
	good := fmt.Sprintf(`{"titanOrderId":"1001","exp":%d}`, unix(5*time.Minute))
	claims := func(format string, a ...any) string { return raw(header, fmt.Sprintf(format, a...), key) }
	for name, c := range map[string]struct {
		token string
		ok    bool
	}{
		"seen live":               {raw(header, good, key), true},
		"alg first":               {raw(`{"alg":"HS256","typ":"JWT"}`, good, key), true},
		"no typ":                  {raw(`{"alg":"HS256"}`, good, key), true},
		"number":                  {claims(`{"titanOrderId":1001,"exp":%d}`, unix(time.Minute)), true},
		"milliseconds":            {claims(`{"titanOrderId":1001,"exp":%d}`, unix(time.Minute)*1000), true},
		"fraction":                {claims(`{"titanOrderId":1001,"exp":%d.75}`, unix(time.Minute)), true},
		"text":                    {claims(`{"titanOrderId":1001,"exp":"%d"}`, unix(time.Minute)), true},
		"expired within the skew": {claims(`{"titanOrderId":1001,"exp":%d}`, unix(-59*time.Second)), true},
		"expired":                 {claims(`{"titanOrderId":1001,"exp":%d}`, unix(-60*time.Second)), false},
		"a day":                   {claims(`{"titanOrderId":1001,"exp":%d}`, unix(24*time.Hour)), true},
		"over a day":              {claims(`{"titanOrderId":1001,"exp":%d}`, unix(24*time.Hour+61*time.Second)), false},
		"over a day in ms":        {claims(`{"titanOrderId":1001,"exp":%d}`, unix(25*time.Hour)*1000), false},
		"the document's sample":   {claims(`{"titanOrderId":1001,"exp":345678974327}`), false},
		"largest seconds":         {claims(`{"titanOrderId":1001,"exp":99999999999}`), false},
		"no exp":                  {claims(`{"titanOrderId":1001}`), false},
		"null exp":                {claims(`{"titanOrderId":1001,"exp":null}`), false},
		"exp true":                {claims(`{"titanOrderId":1001,"exp":true}`), false},
		"exp 1e400":               {claims(`{"titanOrderId":1001,"exp":1e400}`), false},
		"exp NaN":                 {claims(`{"titanOrderId":1001,"exp":"NaN"}`), false},
		"exp negative":            {claims(`{"titanOrderId":1001,"exp":-1}`), false},
		"exp twice":               {claims(`{"titanOrderId":1001,"exp":1,"exp":%d}`, unix(time.Minute)), false},
		"EXP":                     {claims(`{"titanOrderId":1001,"EXP":%d}`, unix(time.Minute)), false},
		"nbf passed":              {claims(`{"titanOrderId":1001,"exp":%d,"nbf":%d}`, unix(time.Minute), unix(-time.Hour)), true},
		"nbf within the skew":     {claims(`{"titanOrderId":1001,"exp":%d,"nbf":%d}`, unix(time.Hour), unix(time.Minute)), true},
		"nbf to come":             {claims(`{"titanOrderId":1001,"exp":%d,"nbf":%d}`, unix(time.Hour), unix(61*time.Second)), false},
		"iat to come":             {claims(`{"titanOrderId":1001,"exp":%d,"iat":%d}`, unix(time.Hour), unix(2*time.Minute)), false},
		"iat rubbish":             {claims(`{"titanOrderId":1001,"exp":%d,"iat":{}}`, unix(time.Hour)), false},
		"order rubbish":           {claims(`{"titanOrderId":"x","exp":%d}`, unix(time.Hour)), false},
		"order fraction":          {claims(`{"titanOrderId":1001.5,"exp":%d}`, unix(time.Hour)), false},
		"order negative":          {claims(`{"titanOrderId":-1001,"exp":%d}`, unix(time.Hour)), false},
		"order too large":         {claims(`{"titanOrderId":99999999999999999999,"exp":%d}`, unix(time.Hour)), false},
		"alg none":                {strings.TrimSuffix(raw(`{"typ":"JWT","alg":"none"}`, good, key), ""), false},
		"alg none unsigned":       {encoding.EncodeToString([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + encoding.EncodeToString([]byte(good)) + ".", false},
		"alg None":                {raw(`{"typ":"JWT","alg":"nOnE"}`, good, key), false},
		"alg RS256":               {raw(`{"typ":"JWT","alg":"RS256"}`, good, key), false},
		"alg HS512":               {raw(`{"typ":"JWT","alg":"HS512"}`, good, key), false},
		"alg hs256":               {raw(`{"typ":"JWT","alg":"hs256"}`, good, key), false},
		"alg twice":               {raw(`{"typ":"JWT","alg":"none","alg":"HS256"}`, good, key), false},
		"no alg":                  {raw(`{"typ":"JWT"}`, good, key), false},
		"typ other":               {raw(`{"typ":"at+jwt","alg":"HS256"}`, good, key), false},
		"kid":                     {raw(`{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}`, good, key), false},
		"crit":                    {raw(`{"typ":"JWT","alg":"HS256","crit":[]}`, good, key), false},
		"header is a list":        {raw(`["HS256"]`, good, key), false},
		"more after the header":   {raw(header+`{}`, good, key), false},
		"more after the claims":   {raw(header, good+`x`, key), false},
		"unfinished claims":       {raw(header, good[:len(good)-1], key), false},
		"another key":             {raw(header, good, []byte("p_9:cccccccccccccccccccccccccccccccccccccccc")), false},
		"the older key":           {raw(header, good, other), true},
		"empty key":               {raw(header, good, nil), false},
		"empty":                   {"", false},
		"dots":                    {"..", false},
		"four parts":              {raw(header, good, key) + ".x", false},
		"a million dots":          {strings.Repeat(".", 1_000_000), false},
		"padded":                  {base64.URLEncoding.EncodeToString([]byte(header)) + strings.TrimPrefix(raw(header, good, key), encoding.EncodeToString([]byte(header))), true},
		"other signature":         {raw(header, good, key)[:60] + "A" + raw(header, good, key)[61:], false},
		"line break":              {raw(header, good, key) + "\n", false},
		"too long":                {claims(`{"titanOrderId":1001,"exp":%d,"x":%q}`, unix(time.Minute), strings.Repeat("x", 5000)), false},
		"deep":                    {claims(`{"titanOrderId":1001,"exp":%d,"x":%s}`, unix(time.Minute), strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), true},
	} {
		got, err := Verify(c.token, [][]byte{key, nil, other}, now)
		if (err == nil) != c.ok {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err == nil && got.OrderID != 1001 {
			t.Errorf("%s: order %d", name, got.OrderID)
		}
		if f := fault.Of(err); err != nil && (f.Code != fault.Unauthenticated || f.Text != "The link has expired or is invalid") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if _, err := Verify(raw(header, good, key), nil, now); err == nil {
		t.Error("verified without keys")
	}
}

// TestSame proves that we and a library in wide use read each other's tokens.
func TestSame(t *testing.T) {
	theirs, err := gojwt.NewWithClaims(gojwt.SigningMethodHS256, gojwt.MapClaims{"titanOrderId": 5, "exp": unix(time.Minute)}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Verify(theirs, [][]byte{key}, now); err != nil || c.OrderID != 5 || !c.ExpiresAt.Equal(now.Add(time.Minute)) {
		t.Fatalf("%+v, %v", c, err)
	}
	ours, err := Sign(map[string]any{"titanOrderId": 5, "exp": unix(time.Minute)}, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := gojwt.NewParser(gojwt.WithValidMethods([]string{"HS256"}), gojwt.WithExpirationRequired(), gojwt.WithTimeFunc(func() time.Time { return now })).
		Parse(ours, func(*gojwt.Token) (any, error) { return key, nil })
	if err != nil || !parsed.Valid {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(ours, ".")
	if b, _ := encoding.DecodeString(head); string(b) != `{"typ":"JWT","alg":"HS256"}` {
		t.Errorf("header %s", b)
	}
	if _, err := Sign(map[string]any{}, nil); err == nil {
		t.Error("signed without a key")
	}
}

// FuzzVerify holds that whatever is verified was signed by the key, is in time,
// and would be taken by the library too.
func FuzzVerify(f *testing.F) {
	f.Add(header, fmt.Sprintf(`{"titanOrderId":"1001","exp":%d}`, unix(time.Minute)), true)
	f.Add(`{"alg":"HS256"}`, `{"exp":1e400}`, true)
	f.Add(`{"alg":"none"}`, `{}`, false)
	f.Fuzz(func(t *testing.T, head, body string, signed bool) {
		token := head + "." + body
		if signed {
			token = raw(head, body, key)
		}
		c, err := Verify(token, [][]byte{key}, now)
		if err != nil {
			if !fault.Is(err, fault.Unauthenticated) {
				t.Fatal(err)
			}
			return
		}
		if !signed {
			t.Fatal("an unsigned token was verified")
		}
		if c.OrderID < 0 || !now.Before(c.ExpiresAt.Add(Skew)) || c.ExpiresAt.Sub(now) > MaxLife+Skew {
			t.Fatalf("%+v", c)
		}
		var m map[string]any
		if json.Unmarshal([]byte(head), &m) != nil || m["alg"] != "HS256" {
			t.Fatalf("header %s", head)
		}
	})
}
