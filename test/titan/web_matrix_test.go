package titan

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// visitors counts addresses: who fails often from one address has to wait.
var visitors atomic.Uint32

// elsewhere is a client at an address of its own.
func elsewhere() *http.Client {
	n := visitors.Add(1)
	from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
	return &http.Client{CheckRedirect: client.CheckRedirect, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: from}).DialContext,
	}}
}

// page opens a link as a browser does and gives what it is shown, but for what
// is drawn for each answer.
func (p *platform) page(t *testing.T, path string, query url.Values) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.Addr("http")+path+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := elsewhere().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	head := res.Header.Clone()
	id := head.Get("X-Request-Id")
	for _, own := range []string{"Date", "Content-Length", "X-Request-Id"} {
		head.Del(own)
	}
	all := fmt.Sprint(res.StatusCode, head, string(text))
	if id != "" {
		all = strings.ReplaceAll(all, id, "")
	}
	return uuids.ReplaceAllString(all, "")
}

// uuids are ids of requests, beside the nonce of a page's style.
var uuids = regexp.MustCompile(`nonce-[\w-]+|nonce="[\w-]+"|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// unsigned joins a token of whatever header and claims with a signature.
func unsigned(header, claims, signature string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(header)) + "." + b64([]byte(claims)) + "." + signature
}

// TestRedirectMatrix: whatever is wrong with a link into the panel or webmail,
// and whosever order it names, the page says the same.
func TestRedirectMatrix(t *testing.T) {
	t.Parallel()
	p := start(t)
	us, them, sandbox, inactive, revoked := p.realPartner(t), p.realPartner(t), p.realPartner(t, "--sandbox"), p.realPartner(t), p.realPartner(t)
	ours, theirs, boxed := p.stock(t, us.Key, "ours.example", "ours"), p.stock(t, them.Key, "theirs.example", "theirs"), p.stock(t, sandbox.Key, "boxed.example", "boxed")
	gone, off := p.stock(t, inactive.Key, "inactive.example", "c"), p.stock(t, revoked.Key, "revoked.example", "c")
	purged := p.purge(t, sandbox.Key, "purged.example")
	p.Operator(t, "partner", "suspend", fmt.Sprint(inactive.ID))
	p.Operator(t, "partner", "revoke-key", fmt.Sprint(revoked.ID), p.keyID(t, revoked))
	now := time.Now().Unix()
	claims := func(n names, exp any) string {
		return fmt.Sprintf(`{"titanOrderId":%v,"exp":%v}`, asText(n["titanOrderId"]), exp)
	}
	link := func(of partner, token string) url.Values {
		return url.Values{"partnerId": {fmt.Sprint(of.ID)}, "jwt": {token}}
	}
	soon := now + 300
	good := claims(ours, soon)
	none := map[string]any{"titanOrderId": 900001}
	hs256 := strings.SplitN(sign(us.Key, good), ".", 3)[2]
	for _, path := range []string{"/partner/autoLogin", "/partner/cpWidget"} {
		t.Run(path, func(t *testing.T) {
			nobodys := p.page(t, path, link(us, sign(us.Key, claims(none, soon))))
			if !strings.HasPrefix(nobodys, "401") {
				t.Fatalf("an unknown order: %s", nobodys)
			}
			for what, q := range map[string]url.Values{
				"another partner's order":           link(us, sign(us.Key, claims(theirs, soon))),
				"a sandbox's order":                 link(us, sign(us.Key, claims(boxed, soon))),
				"a sandbox's purged order":          link(us, sign(us.Key, claims(purged, soon))),
				"the owner's purged order":          link(sandbox, sign(sandbox.Key, claims(purged, soon))),
				"another partner's name":            link(them, sign(us.Key, good)),
				"another partner's name and order":  link(them, sign(us.Key, claims(theirs, soon))),
				"another partner's key":             link(us, sign(them.Key, good)),
				"an unknown partner":                link(partner{ID: 900001}, sign(us.Key, good)),
				"no partner":                        {"jwt": {sign(us.Key, good)}},
				"an inactive partner":               link(inactive, sign(inactive.Key, claims(gone, soon))),
				"a revoked key":                     link(revoked, sign(revoked.Key, claims(off, soon))),
				"no token":                          {"partnerId": {fmt.Sprint(us.ID)}},
				"an expired token":                  link(us, sign(us.Key, claims(ours, now-120))),
				"no exp":                            link(us, sign(us.Key, fmt.Sprintf(`{"titanOrderId":%v}`, asText(ours["titanOrderId"])))),
				"exp in milliseconds, passed":       link(us, sign(us.Key, claims(ours, (now-120)*1000))),
				"exp too far away":                  link(us, sign(us.Key, claims(ours, now+25*3600))),
				"exp in milliseconds, too far away": link(us, sign(us.Key, claims(ours, (now+25*3600)*1000))),
				"alg none":                          link(us, unsigned(`{"typ":"JWT","alg":"none"}`, good, "")),
				"alg none with a signature":         link(us, unsigned(`{"typ":"JWT","alg":"none"}`, good, hs256)),
				"alg RS256":                         link(us, unsigned(`{"typ":"JWT","alg":"RS256"}`, good, hs256)),
				"a thousand dots":                   link(us, strings.Repeat(".", 1000)),
			} {
				if got := p.page(t, path, q); got != nobodys {
					t.Errorf("%s is answered\n%.600s\nan unknown order\n%.600s", what, got, nobodys)
				}
			}
			// A million dots are not even read.
			if got := p.page(t, path, link(us, strings.Repeat(".", 1_000_000))); !strings.HasPrefix(got, "431") {
				t.Errorf("a million dots: %.300s", got)
			}
			for what, token := range map[string]string{
				"number": sign(us.Key, good), "again": sign(us.Key, good), // an iframe reloads
				"text":         sign(us.Key, fmt.Sprintf(`{"titanOrderId":"%v","exp":"%d"}`, asText(ours["titanOrderId"]), soon)),
				"milliseconds": sign(us.Key, claims(ours, soon*1000)),
			} {
				if got := p.page(t, path, link(us, token)); !strings.HasPrefix(got, "303") {
					t.Errorf("%s: %.300s", what, got)
				}
			}
		})
	}
	t.Run("webmail", func(t *testing.T) {
		slt := func() string {
			t.Helper()
			r, err := p.TitanAs(t.Context(), us.Key, "createEmailAccount", map[string]any{"titanOrderId": ours["titanOrderId"], "email": "kim@ours.example", "requireAutoLoginToken": true})
			if err != nil || r.Status != 200 {
				t.Fatalf("%v %v", r, err)
			}
			token, ok := r.Body["webmailAutoLoginToken"].(string)
			if !ok {
				t.Fatalf("%v", r.Body)
			}
			return token
		}
		mail := func(token, email string) url.Values { return url.Values{"slt": {token}, "email_account": {email}} }
		unknown := p.page(t, "/", mail("1:"+strings.Repeat("x", 32), "kim@ours.example"))
		if !strings.HasPrefix(unknown, "401") {
			t.Fatalf("an unknown token: %s", unknown)
		}
		used := slt()
		if got := p.page(t, "/", mail(used, "kim@ours.example")); !strings.HasPrefix(got, "303") {
			t.Fatalf("%.300s", got)
		}
		for what, q := range map[string]url.Values{
			"used twice": mail(used, "kim@ours.example"), "for another account": mail(slt(), "lee@ours.example"),
			"for another partner's account": mail(slt(), "kim@theirs.example"), "without an account": {"slt": {slt()}},
			"empty": mail("", "kim@ours.example"), "long": mail("1:"+strings.Repeat("x", 10_000), "kim@ours.example"),
		} {
			if got := p.page(t, "/", q); got != unknown {
				t.Errorf("%s is answered\n%.600s\nan unknown token\n%.600s", what, got, unknown)
			}
		}
		// Late: five minutes of a sandbox's clock.
		r, err := p.TitanAs(t.Context(), sandbox.Key, "createEmailAccount", map[string]any{"titanOrderId": boxed["titanOrderId"], "email": "kim@boxed.example", "requireAutoLoginToken": true})
		if err != nil || r.Status != 200 {
			t.Fatalf("%v %v", r, err)
		}
		p.Advance(t, sandbox.Key, 6*time.Minute)
		if got := p.page(t, "/", mail(fmt.Sprint(r.Body["webmailAutoLoginToken"]), "kim@boxed.example")); got != unknown {
			t.Errorf("a late token is answered\n%.600s", got)
		}
	})
}
