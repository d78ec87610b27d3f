package basekit

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"posthouse/test/harness/harnesstest"
)

// patience bounds every wait for something that must happen.
const patience = 60 * time.Second

// eventually asks until it is so.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	end := time.After(patience)
	for !ok() {
		select {
		case <-end:
			w.t.Fatalf("%s did not come about", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// until repeats a call till its reply is as wanted.
func (w *world) until(call, want string) {
	w.t.Helper()
	template, err := harnesstest.ParseJSON(w.fill(want))
	if err != nil {
		w.t.Fatal(err)
	}
	verb, target, _ := strings.Cut(w.fill(call), " ")
	var last reply
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%s: %s", call, last.text)
		}
	}()
	w.eventually(call+" as "+want, func() bool {
		if last, err = w.call("", verb, target, ""); err != nil {
			w.t.Fatal(err)
		}
		return harnesstest.Holds("reply", template, last.value) == nil
	})
}

// set changes settings of the brand that no call can.
func (w *world) set(flags ...string) {
	w.t.Helper()
	for i, f := range flags {
		flags[i] = w.fill(f)
	}
	w.Operator(w.t, append([]string{"basekit", "modify", w.names["brand"]}, flags...)...)
}

// messages gives the newest mail first that was sent to an address.
func (w *world) messages(to string) []string {
	w.t.Helper()
	var page struct {
		Items []struct{ Content string }
	}
	if err := json.Unmarshal([]byte(w.native(http.MethodGet, "sandbox/messages?to="+url.QueryEscape(to), "", http.StatusOK)), &page); err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, m := range page.Items {
		out = append(out, w.native(http.MethodGet, strings.TrimPrefix(m.Content, "/v1/"), "", http.StatusOK))
	}
	return out
}

// link waits for a mail with a link that begins so, and keeps the rest of it. The
// mail is deleted, so that the next one is another.
func (w *world) link(to, begins, name string) {
	w.t.Helper()
	to, begins = w.fill(to), w.fill(begins)
	re := regexp.MustCompile(regexp.QuoteMeta(begins) + `([0-9A-Za-z]+)`)
	w.eventually("a mail to "+to+" with a link to "+begins, func() bool {
		for _, m := range w.messages(to) {
			for _, text := range w.parts(m) {
				if found := re.FindStringSubmatch(text); found != nil {
					w.names[name] = found[1]
					w.native(http.MethodDelete, "sandbox/messages", "", http.StatusOK)
					return true
				}
			}
		}
		return false
	})
}

// parts gives the texts of a message, decoded.
func (w *world) parts(message string) []string {
	w.t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(message))
	if err != nil {
		w.t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return []string{w.decoded(m.Header.Get("Content-Transfer-Encoding"), m.Body)}
	}
	var out []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/plain") {
			out = append(out, w.decoded(p.Header.Get("Content-Transfer-Encoding"), p))
		}
	}
}

func (w *world) decoded(encoding string, r io.Reader) string {
	w.t.Helper()
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// browse opens a page as a new browser does; links of names that lead here are
// asked of the server itself.
func (w *world) browse(link string) reply {
	w.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		w.t.Fatal(err)
	}
	u.Scheme, u.Host = "http", w.Addr("http")
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, u.String(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := (&http.Client{Jar: jar}).Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{status: res.StatusCode, header: res.Header, text: string(b)}
}

// webmailOpens redeems a mailbox's log-in token, once (B-10).
func webmailOpens(w *world) {
	for i, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		if got := w.browse("http://webmail/?loginToken=" + w.names["loginToken"]); got.status != want {
			w.t.Errorf("time %d the token is answered %d %.300s", i+1, got.status, got.text)
		}
	}
}
