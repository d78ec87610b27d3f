// Package basekit proves the BaseKit dialect from outside: scenario tables,
// played against the real binary on both databases, with both ways of signing
// and of writing a body, live clients' requests over sockets, and the page of
// what they cover.
package basekit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

func TestMain(m *testing.M) { os.Exit(harnesstest.Main(m)) }

// platform is a running posthouse.
type platform struct {
	*harnesstest.Server

	foreign *brand // the other brand of every world
}

func start(t *testing.T, env ...string) *platform {
	t.Helper()
	return &platform{Server: harnesstest.Start(t, env...)}
}

// apiUser is one of a brand's, with both ways to sign.
type apiUser struct {
	ID             int64  `json:"id"`
	Username       string `json:"username"`
	Password       string `json:"password"`
	ConsumerKey    string `json:"consumerKey"`
	ConsumerSecret string `json:"consumerSecret"`
	Token          string `json:"token"`
	TokenSecret    string `json:"tokenSecret"`
}

// brand is a sandbox partner that is one.
type brand struct {
	ID   int64  `json:"id"`
	Key  string `json:"key"` // of the other dialects
	root int64  // its reseller in the ResellerClub dialect

	users map[string]*apiUser // by rights
}

// world is a platform with two brands: one of the scenario's own, and one that
// has nothing of it.
type world struct {
	*platform
	t     *testing.T
	way   way
	brand *brand
	names map[string]string
	sent  int // requests, for what repeats
}

// way is how a world's requests are made.
type way struct {
	name  string
	oauth bool // else Basic
	form  bool // form bodies where one can say the same
}

// ways are those that scenarios are played in.
var ways = []way{{name: "basic"}, {name: "oauth", oauth: true}, {name: "form", oauth: true, form: true}}

const foreign = "foreign"

func (p *platform) world(t *testing.T, how way) *world {
	t.Helper()
	w := &world{platform: p, t: t, way: how, names: map[string]string{"http": p.Addr("http")}}
	if p.foreign == nil {
		p.foreign = p.newBrand(t)
	}
	w.brand = p.newBrand(t)
	w.names["brand"], w.names["theirs"] = strconv.FormatInt(w.brand.ID, 10), strconv.FormatInt(p.foreign.ID, 10)
	w.names["tag"] = fmt.Sprintf("b%d", w.brand.ID)
	w.names["host"] = "rest." + w.names["tag"] + ".example"
	t.Cleanup(w.nothingSecretLogged)
	w.packages()
	return w
}

// newBrand makes a sandbox partner and sets it up as a brand with a host name.
func (p *platform) newBrand(t *testing.T) *brand {
	t.Helper()
	b := &brand{users: map[string]*apiUser{}}
	p.tells(t, b, "partner", "create", "A brand", "--sandbox", "--json")
	var made struct {
		ResellerID int64 `json:"resellerId"`
	}
	id := strconv.FormatInt(b.ID, 10)
	p.tells(t, &made, "basekit", "set-up", id, "--username", "root@b"+id+".example", "--currency", "GBP", "--host", "rest.b"+id+".example", "--json")
	b.root = made.ResellerID
	return b
}

// tells runs a command of the operator and reads what it prints.
func (p *platform) tells(t *testing.T, into any, args ...string) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.Operator(t, args...)), into); err != nil {
		t.Fatal(err)
	}
}

// packages finds the packages that the brand has by itself: two of mail, as
// {mail} with {seats} and {mail2} with {seats2}, {domain}, {suspension}; one of
// the other brand's, as {theirmail}; and refs of a currency and a language.
func (w *world) packages() {
	w.t.Helper()
	ask := func(as, target, key string) []any {
		w.t.Helper()
		r, err := w.call(as, http.MethodGet, w.fill(target), "")
		if err != nil || r.status != http.StatusOK {
			w.t.Fatalf("%s: %d %s %v", target, r.status, r.text, err)
		}
		return list(r.value, key)
	}
	for _, x := range ask("", "brands/{brand}/packages", "packages") {
		p, _ := x.(object)
		ref, seats := w.at(p, "ref"), w.at(p, "capabilities.mailboxes")
		switch p["name"] {
		case "Domain":
			w.names["domain"] = ref
		case "Suspension":
			w.names["suspension"] = ref
		case "Professional":
			w.names["mail"], w.names["seats"] = ref, seats
		case "Business":
			w.names["mail2"], w.names["seats2"] = ref, seats
		}
	}
	w.names["theirmail"] = w.at(ask(foreign, "brands/{theirs}/packages?contentType=mail", "packages"), "0.ref")
	w.names["currency"] = w.at(ask("", "brands/{brand}/currencies", "currencies"), "0.ref")
	w.names["language"] = w.at(ask("", "brands/{brand}/languages", "languages"), "0.ref")
}

// passwords that scenarios send; no log may have them.
var passwords = []string{"Correct-Horse-7", "Other-Horse-8", "Mail-Box-Pass-9"}

// nothingSecretLogged looks for what callers sent in everything that the server
// wrote, net/http's own lines included.
func (w *world) nothingSecretLogged() {
	log := w.Log()
	if !strings.Contains(log, "basekit request") {
		w.t.Error("no request is in the log")
	}
	secrets := slices.Clone(passwords)
	for _, b := range []*brand{w.brand, w.foreign} {
		for _, u := range b.users {
			secrets = append(secrets, u.Password, u.ConsumerSecret, u.TokenSecret)
		}
	}
	for _, name := range []string{"loginToken", "hash", "token"} {
		secrets = append(secrets, w.names[name])
	}
	for _, s := range secrets {
		if i := strings.Index(log, s); s != "" && i >= 0 {
			w.t.Errorf("the log has %q: …%s", s, log[max(0, i-300):min(len(log), i+100)])
		}
	}
}

var days = regexp.MustCompile(`\{now([+-]\d+)d\}`)

// fill puts names and times, counted in days from the partner's now, into a text.
func (w *world) fill(s string) string {
	if days.MatchString(s) {
		now := w.Now(w.t, w.brand.Key)
		s = days.ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.Atoi(days.FindStringSubmatch(m)[1])
			if err != nil {
				w.t.Fatal(err)
			}
			return now.AddDate(0, 0, n).Format("2006-01-02")
		})
	}
	for name, v := range w.names {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

// save keeps parts of a reply: "u=accountHolder.ref n=sites.0.ref".
func (w *world) save(what string, v any) error {
	for _, pair := range strings.Fields(what) {
		name, path, _ := strings.Cut(pair, "=")
		at := v
		for key := range strings.SplitSeq(path, ".") {
			if l, ok := at.([]any); ok {
				i, err := strconv.Atoi(key)
				if err != nil || i >= len(l) {
					return fmt.Errorf("no %s in %s", path, harnesstest.Compact(v))
				}
				at = l[i]
				continue
			}
			o, _ := at.(object)
			at = o[key]
		}
		if at == nil {
			return fmt.Errorf("no %s in %s", path, harnesstest.Compact(v))
		}
		w.names[name] = fmt.Sprint(at)
	}
	return nil
}

func (w *world) advance(by time.Duration) {
	w.t.Helper()
	w.Advance(w.t, w.brand.Key, by)
}

// native calls the platform's own API with the brand's key.
func (w *world) native(method, path, body string, status int) string {
	w.t.Helper()
	return w.Native(w.t, w.brand.Key, method, path, body, status)
}
