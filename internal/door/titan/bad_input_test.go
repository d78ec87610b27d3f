package titan

import (
	"bytes"
	"io"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

const unparsable = "Unknown error in parsing request"

func TestBadBodies(t *testing.T) {
	w := sqliteWorld(t, nil)
	for name, c := range map[string]struct{ send, want string }{
		"not JSON":        {`{"domainName":`, bad("UNPARSABLE", unparsable)},
		"trailing comma":  {`{"domainName":"a.example",}`, bad("UNPARSABLE", unparsable)},
		"two values":      {`{} {}`, bad("UNPARSABLE", unparsable)},
		"array":           {`["domainName"]`, bad("UNPARSABLE", unparsable)},
		"number":          {`5`, bad("UNPARSABLE", unparsable)},
		"null":            {`null`, bad("UNPARSABLE", unparsable)},
		"not UTF-8":       {"{\"domainName\":\"\xff\"}", bad("UNPARSABLE", unparsable)},
		"NaN":             {`{"chargedAmount":NaN}`, bad("UNPARSABLE", unparsable)},
		"single quotes":   {`{'domainName':'a.example'}`, bad("UNPARSABLE", unparsable)},
		"form":            {`domainName=a.example`, bad("UNPARSABLE", unparsable)},
		"empty":           {``, bad("MISSING_FIELD", "Missing required field domainName")},
		"blanks":          {" \r\n\t", bad("MISSING_FIELD", "Missing required field domainName")},
		"byte order mark": {"\ufeff{}", bad("MISSING_FIELD", "Missing required field domainName")},
		"PHP's empty map": {`[]`, bad("MISSING_FIELD", "Missing required field domainName")},
		"null required":   {`{"domainName":null}`, bad("MISSING_FIELD", "Missing required field domainName")},
		"duplicate key":   {`{"domainName":"a.example","domainName":"b.example"}`, bad("DUPLICATE_KEY", "The request body has the key domainName twice")},
		"duplicate below": {`{"metadata":{"k":1,"k":2}}`, bad("DUPLICATE_KEY", "The request body has the key k twice")},
		"duplicate in unknown": {
			`{"whatever":[{"k":1,"\u006b":2}]}`, bad("DUPLICATE_KEY", "The request body has the key k twice"),
		},
		"deep": {
			strings.Repeat("[", 10000), bad("TOO_DEEP", "The request body is nested deeper than 32 levels"),
		},
		"deep and closed": {
			`{"a":` + strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10001),
			bad("TOO_DEEP", "The request body is nested deeper than 32 levels"),
		},
	} {
		if code, body := w.do(w.key, "POST", "/partner/createMailOrder", c.send); code != 400 || masked(body) != c.want {
			t.Errorf("%s: %d %s\nwant %s", name, code, body, c.want)
		}
	}
}

func TestWrongValuesNameTheField(t *testing.T) {
	w := sqliteWorld(t, nil)
	const base = `"domainName":"a.example","customerId":"c","planType":"pro","noOfAccounts":1,"expiryDate":"2027-01-01","chargedAmount":"1"`
	amount := "Field chargedAmount must be a number from 0 on with at most two decimals"
	for _, c := range []struct{ replace, by, reason, desc string }{
		{`"domainName":"a.example"`, `"domainName":5`, "INVALID_FIELD", "Field domainName must be a string"},
		{`"domainName":"a.example"`, `"domainName":["a.example"]`, "INVALID_FIELD", "Field domainName must be a string"},
		{`"customerId":"c"`, `"customerId":{}`, "INVALID_FIELD", "Field customerId must be a string"},
		{`"customerId":"c"`, `"customerId":-1.5`, "INVALID_FIELD", "Field customerId must be a string"},
		{`"customerId":"c"`, `"customerId":"c\u0000d"`, "INVALID_FIELD", "Field customerId must be text without NUL characters"},
		{`"planType":"pro"`, `"planType":"Pro"`, "INVALID_FIELD", "Field planType must be one of free, pro, premium, pro_trial, premium_trial, ultra, ultra_trial"},
		{`"planType":"pro"`, `"planType":" "`, "MISSING_FIELD", "Missing required field planType"},
		{`"noOfAccounts":1`, `"noOfAccounts":"two"`, "INVALID_FIELD", "Field noOfAccounts must be a whole number from 0 on"},
		{`"noOfAccounts":1`, `"noOfAccounts":-1`, "INVALID_FIELD", "Field noOfAccounts must be a whole number from 0 on"},
		{`"noOfAccounts":1`, `"noOfAccounts":1.5`, "INVALID_FIELD", "Field noOfAccounts must be a whole number from 0 on"},
		{`"noOfAccounts":1`, `"noOfAccounts":99999999999999999999`, "INVALID_FIELD", "Field noOfAccounts must be a whole number from 0 on"},
		{`"noOfAccounts":1`, `"noOfAccounts":true`, "INVALID_FIELD", "Field noOfAccounts must be a whole number from 0 on"},
		{`"chargedAmount":"1"`, `"chargedAmount":"NaN"`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":1e400`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":1.005`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":-1`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":"1,50"`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":"99999999999999999999"`, "INVALID_FIELD", amount},
		{`"chargedAmount":"1"`, `"chargedAmount":[]`, "INVALID_FIELD", amount},
		{`"expiryDate":"2027-01-01"`, `"expiryDate":"2027-02-30"`, "INVALID_FIELD", "Field expiryDate must be a date in the form yyyy-MM-dd"},
		{`"expiryDate":"2027-01-01"`, `"expiryDate":"01/02/2027"`, "INVALID_FIELD", "Field expiryDate must be a date in the form yyyy-MM-dd"},
		{`"expiryDate":"2027-01-01"`, `"expiryDate":1767225600`, "INVALID_FIELD", "Field expiryDate must be a string"},
		{`"customerId":"c"`, `"customerId":"c","billingCycle":"weekly"`, "INVALID_FIELD", "Field billingCycle must be one of monthly, quarterly, semesterly, yearly, two_yearly, four_yearly"},
		{`"customerId":"c"`, `"customerId":"c","source":"else"`, "INVALID_FIELD", "Field source must be one of domain, standalone, hosting, migrated"},
		{`"customerId":"c"`, `"customerId":"c","sendWelcomeEmail":"yes"`, "INVALID_FIELD", "Field sendWelcomeEmail must be true or false"},
		{`"customerId":"c"`, `"customerId":"c","send_welcome_email":2`, "INVALID_FIELD", "Field send_welcome_email must be true or false"},
		{`"customerId":"c"`, `"customerId":"c","metadata":"x"`, "INVALID_FIELD", "Field metadata must be an object"},
		{`"customerId":"c"`, `"customerId":"c","firstEmailAccount":"x"`, "INVALID_FIELD", "Field firstEmailAccount must be an object"},
		{`"customerId":"c"`, `"customerId":"c","firstEmailAccount":{"email":1,"password":"x"}`, "INVALID_FIELD", "Field firstEmailAccount.email must be a string"},
		{`"customerId":"c"`, `"customerId":"c","titanResellerId":"x1"`, "INVALID_FIELD", "Field titanResellerId must be a positive whole number"},
	} {
		send := "{" + strings.Replace(base, c.replace, c.by, 1) + "}"
		if code, body := w.do(w.key, "POST", "/partner/createMailOrder", send); code != 400 || masked(body) != bad(c.reason, c.desc) {
			t.Errorf("%s: %d %s", c.by, code, body)
		}
	}
	for _, id := range []string{"-1", "0", "1.5", "1e3", "abc", "99999999999999999999", "0x10", "１"} {
		code, body := w.do(w.key, "POST", "/partner/deleteMailOrder", `{"titanOrderId":"`+id+`"}`)
		if code != 400 || masked(body) != bad("INVALID_FIELD", "Field titanOrderId must be a positive whole number") {
			t.Errorf("titanOrderId %s: %d %s", id, code, body)
		}
	}
}

func TestBadDomains(t *testing.T) {
	w := sqliteWorld(t, nil)
	for _, d := range []string{
		"../../etc", "a..b", "192.0.2.1", "[192.0.2.1]", "xn--bcher-kva.example", "bücher.example", "single", "-a.example", "a_b.example",
		"a.example/", "a b.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 200) + "example", ".", "@",
	} {
		code, body := w.do(w.key, "POST", "/partner/createMailOrder", `{"domainName":"`+d+`","customerId":"c","planType":"free"}`)
		if code != 400 || !strings.Contains(body, `"code":"INVALID_DOMAIN"`) || !strings.Contains(body, `"desc":"Invalid domain name `) {
			t.Errorf("%.40s: %d %s", d, code, body)
		}
	}
	for _, d := range []string{"EXAMPLE.com.", " example.com "} {
		if code, body := w.do(w.key, "POST", "/partner/createMailOrder", `{"domainName":"`+d+`","customerId":"c","planType":"free"}`); code != 200 {
			t.Errorf("%s: %d %s", d, code, body)
		}
	}
	_, body := w.do(w.key, "GET", "/partner/listMailOrders?customerId=c", "")
	if strings.Count(body, `"domainName":"example.com"`) != 1 {
		t.Errorf("both spellings are one domain: %s", body)
	}
}

// The leniency of section 5, field by field, as what comes out of decode.
func TestLeniency(t *testing.T) {
	fields := append(createMailOrderFields(), orderFields()[0], actionField())
	read := func(body string) *record {
		t.Helper()
		sent, err := parseBody([]byte(body), knownKeys(fields))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		for i := range fields {
			fields[i].Required = false
		}
		r, err := decode(fields, sent)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return r
	}
	for _, yes := range []string{`true`, `"true"`, `1`, `"1"`, `"TRUE"`} {
		if r := read(`{"send_welcome_email":` + yes + `}`); !r.flagOr("sendWelcomeEmail", false) {
			t.Errorf("%s is not true", yes)
		}
	}
	for _, no := range []string{`false`, `"false"`, `0`, `"0"`} {
		if r := read(`{"sendWelcomeEmail":` + no + `,"send_welcome_email":true}`); r.flagOr("sendWelcomeEmail", true) {
			t.Errorf("%s is not false, or the old spelling won", no)
		}
	}
	for _, n := range []string{`7`, `"7"`, `" 7 "`, `7.0`} {
		if r := read(`{"titanOrderId":` + n + `,"noOfAccounts":` + n + `}`); r.id("titanOrderId") != 7 || *r.count("noOfAccounts") != 7 {
			t.Errorf("%s is not 7", n)
		}
	}
	for in, want := range map[string]string{`12.5`: "12.50", `"12.50"`: "12.50", `"0"`: "0.00", `3`: "3.00", `"1.100"`: "1.10"} {
		if r := read(`{"chargedAmount":` + in + `}`); r.amount("chargedAmount").String() != want {
			t.Errorf("%s is %s", in, r.amount("chargedAmount"))
		}
	}
	if r := read(`{"customerId":7,"orderId":"0012"}`); r.text("customerId") != "7" || r.text("orderId") != "0012" {
		t.Errorf("ids as numbers: %q %q", r.text("customerId"), r.text("orderId"))
	}
	for old, now := range map[string]string{"biennial": "two_yearly", "quadrennial": "four_yearly"} {
		if r := read(`{"billingCycle":"` + old + `"}`); r.text("billingCycle") != now {
			t.Errorf("%s is %s", old, r.text("billingCycle"))
		}
	}
	for old, now := range map[string]string{"upgrade": "upgradeOrder", "addSeats": "addAccounts", "reduceSeats": "reduceAccounts"} {
		if r := read(`{"action":"` + old + `"}`); r.text("action") != now {
			t.Errorf("%s is %s", old, r.text("action"))
		}
	}
	r := read(`{"metadata":{"source":"hosting","locale":"en-gb","sourceContext":"x"},"source":"","sourceContext":null,"locale":"de"}`)
	if r.text("source") != "hosting" || r.text("locale") != "de" || r.text("sourceContext") != "x" {
		t.Errorf("metadata: %q %q %q", r.text("source"), r.text("locale"), r.text("sourceContext"))
	}
	if r := read(`{"metadata":{"source":"whatever","locale":true}}`); r.has("source") || r.has("locale") {
		t.Error("what does not fit in the metadata was used")
	}
	if r := read(`{"metadata":{ "k" : [1, {"x":1e5}] },"unknown":{"a":[]}}`); string(r.raw("metadata")) != `{ "k" : [1, {"x":1e5}] }` {
		t.Errorf("metadata is %s", r.raw("metadata"))
	}
	if r := read(`{"serverHostname":"H1","titanOrderId":"","noOfAccounts":"","expiryDate":"","planType":"","metadata":[],"firstEmailAccount":[]}`); r.text("serverHostName") != "h1" || len(r.cells) != 1 {
		t.Errorf("%+v", r.cells)
	}
	if r := read(`{"firstEmailAccount":{"email":" A@B.example","password":" pw ","alternateEmail":"c@d.example","requireAutoLoginToken":null}}`); r.nested("firstEmailAccount").text("email") != "a@b.example" ||
		r.nested("firstEmailAccount").text("password") != " pw " || r.nested("firstEmailAccount").text("alternateEmailAddress") != "c@d.example" {
		t.Errorf("%+v", r.nested("firstEmailAccount"))
	}
}

func TestQueries(t *testing.T) {
	w := sqliteWorld(t, nil)
	for target, want := range map[string]string{
		"/partner/listMailOrders?customerId=a&customerId=b":                              bad("DUPLICATE_KEY", "The query has the parameter customerId twice"),
		"/partner/listMailOrders?customerId=%ff":                                         bad("INVALID_FIELD", "Field customerId must be text without NUL characters"),
		"/partner/listMailOrders?customerId=%00":                                         bad("INVALID_FIELD", "Field customerId must be text without NUL characters"),
		"/partner/listMailOrders?customerId=%zz":                                         bad("UNPARSABLE", unparsable),
		"/partner/listMailOrders?customerId=":                                            bad("MISSING_FIELD", "Missing required field customerId"),
		"/partner/listMailOrders?titanCustomerId=x":                                      bad("INVALID_FIELD", "Field titanCustomerId must be a positive whole number"),
		"/partner/listEmailAccounts?titanOrderId=1&includeDeletedAccounts=perhaps":       bad("INVALID_FIELD", "Field includeDeletedAccounts must be true or false"),
		"/partner/listMailOrders?titanCustomerId=&customerId=nobody&unknown=1&unknown=2": fails(404, "UserNotFound", "", "No such customer"),
	} {
		if _, body := w.do(w.key, "GET", target, ""); masked(body) != want {
			t.Errorf("%s: %s\nwant %s", target, body, want)
		}
	}
}

// countingReader gives n bytes of an endless string.
type countingReader struct{ left, read int }

func (c *countingReader) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), c.left)
	copy(p, bytes.Repeat([]byte("x"), n))
	c.left -= n
	c.read += n
	return n, nil
}

// 50 MB are refused without being read, whether their size is told or not.
func TestHugeBody(t *testing.T) {
	w := sqliteWorld(t, nil)
	for _, told := range []bool{true, false} {
		body := &countingReader{left: 50 << 20}
		r := httptest.NewRequest("POST", "/partner/createMailOrder", body)
		if told {
			r.ContentLength = 50 << 20
		}
		r.Header.Set("Authorization", w.key)
		rec := httptest.NewRecorder()
		w.door.ServeHTTP(rec, r)
		if rec.Code != 400 || masked(rec.Body.String()) != bad("BODY_TOO_LARGE", "The request body is larger than 1 MiB") {
			t.Errorf("told %v: %d %s", told, rec.Code, rec.Body)
		}
		if body.read > maxBody+64<<10 || told && body.read > 0 {
			t.Errorf("told %v: %d bytes were read", told, body.read)
		}
	}
}

// The most expensive body of 1 MiB takes bounded memory.
func TestHostileShapesAreCheap(t *testing.T) {
	known := knownKeys(createMailOrderFields())
	for name, body := range map[string]string{
		"many unknown": "{\"u\":[" + strings.Repeat("[],", 1<<18) + "0]}",
		"many known":   "{\"metadata\":{\"k\":[" + strings.Repeat("0,", 1<<18) + "0]}}",
		"one string":   `{"customerName":"` + strings.Repeat("a", 1<<19) + `"}`,
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		sent, err := parseBody([]byte(body), known)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 8<<20 {
			t.Errorf("%s keeps %d bytes", name, kept)
		}
		runtime.KeepAlive(sent)
	}
	if _, err := parseBody([]byte(`{"metadata":[`+strings.Repeat("0,", 5000)+`0]}`), known); err == nil {
		t.Error("an array of 5,001 items was kept")
	}
}
