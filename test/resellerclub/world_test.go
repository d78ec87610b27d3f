// Package resellerclub proves the ResellerClub dialect from outside: scenario
// tables, played against the real binary on both databases and in both forms of
// a reply, and the page of what they cover.
package resellerclub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/product"
	"posthouse/test/harness/harnesstest"
)

func TestMain(m *testing.M) { os.Exit(harnesstest.Main(m)) }

// platform is a running posthouse.
type platform struct{ *harnesstest.Server }

func start(t *testing.T, env ...string) *platform {
	t.Helper()
	return &platform{harnesstest.Start(t, env...)}
}

// seller is a reseller.
type seller struct {
	ID  int64  `json:"id"`
	Key string `json:"key"`
}

// world is a platform with a sandbox partner of one scenario: its root reseller
// "root", "child" below and "sibling" beside that one.
type world struct {
	*platform
	t       *testing.T
	suffix  string // of paths below /api/: ".json" or ".xml"
	partner seller
	sellers map[string]seller
	names   map[string]string
	sent    int // calls, for the way of sending
}

func (p *platform) world(t *testing.T, suffix string) *world {
	t.Helper()
	w := &world{platform: p, t: t, suffix: suffix, sellers: map[string]seller{}, names: map[string]string{"http": p.Addr("http")}}
	if err := json.Unmarshal([]byte(p.Operator(t, "partner", "create", "A partner", "--sandbox", "--json")), &w.partner); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.nothingSecretLogged)
	w.names["partner"], w.names["tag"] = strconv.FormatInt(w.partner.ID, 10), fmt.Sprintf("p%d", w.partner.ID)
	w.newSeller("root", "")
	w.newSeller("child", "root")
	w.newSeller("sibling", "root")
	file := filepath.Join(t.TempDir(), "prices.csv")
	if err := os.WriteFile(file, []byte(prices()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, list := range [][2]string{{"root", "customers"}, {"root", "resellers"}, {"child", "customers"}} {
		w.Operator(t, "reseller", "prices", "import", file, "--reseller", w.names[list[0]], "--for", list[1])
	}
	return w
}

// prices is a list of everything but the free trials, at 1.25 a month.
func prices() string {
	var b strings.Builder
	b.WriteString("product,unit,action,months,currency,price\n")
	for _, p := range product.All() {
		units := []string{}
		for _, s := range p.Slabs {
			units = append(units, s.String())
		}
		for _, plan := range p.Plans {
			units = append(units, strconv.Itoa(plan.ID))
		}
		for _, u := range units {
			for _, action := range []string{"add", "renew"} {
				for _, months := range product.Tenures {
					fmt.Fprintf(&b, "%s,%s,%s,%d,GBP,1.25\n", p.Key, u, action, months)
				}
			}
		}
	}
	return b.String()
}

// newSeller makes a reseller below another.
func (w *world) newSeller(name, parent string) {
	w.t.Helper()
	args := []string{"reseller", "create", name + "@" + w.names["tag"] + ".example", "--currency", "GBP", "--json"}
	if parent == "" {
		args = append(args, "--partner", w.names["partner"])
	} else {
		args = append(args, "--parent", w.names[parent])
	}
	var s seller
	if err := json.Unmarshal([]byte(w.Operator(w.t, args...)), &s); err != nil {
		w.t.Fatal(err)
	}
	w.sellers[name] = s
	w.names[name] = strconv.FormatInt(s.ID, 10)
}

// passwords that scenarios send.
var passwords = []string{"Secret#1234", "Other#1234", "Mail!Box9wor"}

// nothingSecretLogged looks for what callers sent in everything that the server
// wrote, net/http's own lines included.
func (w *world) nothingSecretLogged() {
	log := w.Log()
	if !strings.Contains(log, "resellerclub request") {
		w.t.Error("no request is in the log")
	}
	secrets := append([]string{"api-key", "auth-password"}, passwords...)
	for _, s := range w.sellers {
		secrets = append(secrets, s.Key)
	}
	for _, s := range append(secrets, w.names["t"]) {
		if i := strings.Index(log, s); s != "" && i >= 0 {
			w.t.Errorf("the log has %q: …%s", s, log[max(0, i-300):min(len(log), i+100)])
		}
	}
}

// reply is what came back.
type reply struct {
	status int
	text   string
	value  any
}

// call sends one request: names and values are parameters, percent-encoded.
func (w *world) call(as, verb, target, params string) (reply, error) {
	s, ok := w.sellers[as]
	if !ok {
		return reply{}, fmt.Errorf("no reseller %q", as)
	}
	auth := url.Values{"auth-userid": {strconv.FormatInt(s.ID, 10)}, "api-key": {s.Key}}.Encode()
	base, rest := "http://"+w.Addr("http")+"/api/", false
	if target, rest = strings.CutPrefix(target, "rest:"); rest {
		base = "http://" + w.Addr("http") + "/restapi/"
	} else {
		target += w.suffix
	}
	query, contentType, body := auth+"&"+params, "", ""
	if w.sent++; verb == http.MethodPost && !rest { // each way in turn (section 2)
		switch w.sent % 4 {
		case 0:
			query, contentType, body = "", "application/x-www-form-urlencoded", auth+"&"+params
		case 1:
			query, contentType, body = auth, "application/x-www-form-urlencoded", params
		case 2:
			contentType = "text/plain"
		}
	}
	req, err := http.NewRequestWithContext(w.t.Context(), verb, base+target+"?"+query, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: res.StatusCode, text: string(b)}
	wantType, parse := "application/json", parseJSON
	if !rest && w.suffix == ".xml" {
		wantType, parse = "text/xml", parseXML
	}
	if got := res.Header.Get("Content-Type"); got != wantType {
		return r, fmt.Errorf("content type %q of %.500q", got, r.text)
	}
	if strings.TrimSpace(r.text) != r.text {
		return r, fmt.Errorf("something around %q", r.text)
	}
	r.value, err = parse(r.text)
	return r, err
}

var days = regexp.MustCompile(`\{now([+-]\d+)d\}`)

// fill puts names and times, counted in days from the partner's now, into a text.
func (w *world) fill(s string) string {
	if days.MatchString(s) {
		now := w.Now(w.t, w.partner.Key)
		s = days.ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.Atoi(days.FindStringSubmatch(m)[1])
			if err != nil {
				w.t.Fatal(err)
			}
			return strconv.FormatInt(now.AddDate(0, 0, n).Unix(), 10)
		})
	}
	for name, v := range w.names {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

// save keeps parts of a reply: "o=entityid i=1.entity.customerid all=." A path's
// keys are joined by slashes, "." is the whole; "#key" is the only key of a map.
func (w *world) save(what string, v any) error {
	for _, pair := range strings.Fields(what) {
		name, path, _ := strings.Cut(pair, "=")
		at := v
		for key := range strings.SplitSeq(path, "/") {
			o, _ := at.(object)
			l, _ := at.([]any)
			i, err := strconv.Atoi(key)
			switch {
			case key == ".":
			case key == "#key" && len(o) == 1:
				for k := range o {
					at = k
				}
			case l != nil && err == nil && i < len(l):
				at = l[i]
			default:
				at = o[key]
			}
		}
		if at == nil {
			return fmt.Errorf("no %s in %s", path, compact(v))
		}
		w.names[name] = fmt.Sprint(at)
	}
	return nil
}

func (w *world) advance(by time.Duration) {
	w.t.Helper()
	w.Advance(w.t, w.partner.Key, by)
}
