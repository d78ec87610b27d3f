package titan

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"posthouse/test/harness/harnesstest"
)

// patience bounds every wait for something that must happen.
const patience = 60 * time.Second

func TestMain(m *testing.M) { os.Exit(harnesstest.Main(m)) }

// platform is a running posthouse and the receiver of its webhooks.
type platform struct {
	*harnesstest.Server
	hooks   *receiver
	foreign partner
}

type partner struct {
	ID  int64  `json:"id"`
	Key string `json:"key"`
}

func start(t *testing.T, env ...string) *platform {
	t.Helper()
	p := &platform{Server: harnesstest.Start(t, env...), hooks: newReceiver(t)}
	p.foreign = p.newPartner(t, "")
	return p
}

func (p *platform) newPartner(t *testing.T, bills string) partner {
	t.Helper()
	args := []string{"partner", "create", "A partner", "--sandbox", "--json"}
	if bills != "" {
		args = append(args, "--bills", bills)
	}
	var made partner
	if err := json.Unmarshal([]byte(p.Operator(t, args...)), &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// world is a platform with the partner of one scenario.
type world struct {
	*platform
	t       *testing.T
	us      partner
	names   map[string]string
	cookies map[string]string // of the browser
	last    string            // the last answer
}

func (p *platform) world(t *testing.T, sc *Scenario) *world {
	t.Helper()
	w := &world{platform: p, t: t, us: p.newPartner(t, sc.Bills), cookies: map[string]string{}}
	w.names = map[string]string{
		"partner": strconv.FormatInt(w.us.ID, 10), "key": w.us.Key, "http": p.Addr("http"), "tag": "p" + strconv.FormatInt(w.us.ID, 10),
	}
	if sc.Set != "" {
		p.Operator(t, "partner", "settings", w.names["partner"], sc.Set)
	}
	w.hook()
	return w
}

var days = regexp.MustCompile(`\{day([+-]\d+)\}`)

// tokens are {jwt:o}: a token for the order whose id was saved as o, as live
// clients make it (section 13).
var tokens = regexp.MustCompile(`\{jwt:(\w+)\}`)

// jwt signs claims with the partner's key.
func (w *world) jwt(claims string) string { return sign(w.us.Key, claims) }

func sign(key, claims string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + b64([]byte(claims))
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "." + b64(mac.Sum(nil))
}

// fill puts names and days, counted from the partner's today, into a text.
func (w *world) fill(s string) string {
	if days.MatchString(s) {
		today := w.Now(w.t, w.us.Key)
		s = days.ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.Atoi(days.FindStringSubmatch(m)[1])
			if err != nil {
				w.t.Fatal(err)
			}
			return today.AddDate(0, 0, n).Format(time.DateOnly)
		})
	}
	s = tokens.ReplaceAllStringFunc(s, func(m string) string {
		return w.jwt(fmt.Sprintf(`{"titanOrderId":"%s","exp":%d}`, w.names[tokens.FindStringSubmatch(m)[1]], time.Now().Unix()+300))
	})
	for name, v := range w.names {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

func (w *world) save(what string, v any) {
	w.t.Helper()
	for _, pair := range strings.Fields(what) {
		name, path, _ := strings.Cut(pair, "=")
		at := v
		for _, key := range strings.Split(path, ".") {
			switch x := at.(type) {
			case map[string]any:
				at = x[key]
			case []any:
				i, err := strconv.Atoi(key)
				if err != nil || i >= len(x) {
					w.t.Fatalf("no %s in %s", path, compact(v))
				}
				at = x[i]
			default:
				at = nil
			}
		}
		if at == nil {
			w.t.Fatalf("no %s in %s", path, compact(v))
		}
		w.names[name] = fmt.Sprint(at)
	}
}

// play does one step.
func (w *world) play(i int, st *Step) {
	w.t.Helper()
	if st.Advance > 0 {
		w.Advance(w.t, w.us.Key, st.Advance)
	}
	if st.Do != nil {
		st.Do(w)
		return
	}
	deadline := time.Now().Add(patience)
	for {
		err := w.try(st)
		if err == nil {
			return
		}
		if !st.Wait || time.Now().After(deadline) {
			w.t.Fatalf("step %d, %s%s: %v", i+1, st.Call, st.CLI, err)
		}
		select {
		case <-w.t.Context().Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (w *world) try(st *Step) error {
	var got any
	var err error
	if st.CLI != "" {
		out, err := w.CLI(w.t.Context(), strings.Split(w.fill(st.CLI), " ")...)
		if err != nil {
			return err
		}
		if st.Want == "" && st.Save == "" {
			return nil
		}
		if got, err = parse(out); err != nil {
			return err
		}
	} else if st.Call != "" {
		want := st.Status
		if want == 0 {
			want = http.StatusOK
		}
		status, text, err := w.request(st)
		if err != nil {
			return err
		}
		if status != want {
			return fmt.Errorf("%d %.2000s, want %d", status, text, want)
		}
		w.last = text
		if got, err = parse(text); err != nil {
			return fmt.Errorf("no JSON: %q", text)
		}
		if id, _ := got.(map[string]any)["reqID"].(string); len(id) != 36 && !st.web() {
			return fmt.Errorf("no reqID in %s", text)
		}
	}
	if st.Want != "" {
		want, err := parse(w.fill(st.Want))
		if err != nil {
			return fmt.Errorf("template %s: %w", w.fill(st.Want), err)
		}
		if err := fits("answer", want, got); err != nil {
			return err
		}
	}
	w.save(st.Save, got)
	return err
}

// request makes a step's call and gives status and body. Of a browser's call the
// body is the JSON that came, {"page":...} or, for a redirect, {"location":...}.
func (w *world) request(st *Step) (int, string, error) {
	method, target, _ := strings.Cut(w.fill(st.Call), " ")
	url := "http://" + w.Addr("http") + "/partner/" + target
	if path, web := strings.CutPrefix(target, "web:"); web {
		url = "http://" + w.Addr("http") + path
	}
	var body io.Reader
	if st.Body != "" {
		body = bytes.NewReader([]byte(w.fill(st.Body)))
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, body)
	if err != nil {
		return 0, "", err
	}
	switch st.As {
	case "":
		req.Header.Set("Authorization", w.us.Key)
	case "nobody":
	case "foreign":
		req.Header.Set("Authorization", w.foreign.Key)
	default:
		req.Header.Set("Authorization", w.fill(st.As))
	}
	if st.web() {
		req.Header.Del("Authorization")
		for name, value := range w.cookies {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		if body != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", "http://"+w.Addr("http"))
		}
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil || !st.web() {
		return res.StatusCode, string(text), err
	}
	for _, c := range res.Cookies() { // Secure ones too: a proxy would speak TLS
		if delete(w.cookies, c.Name); c.MaxAge >= 0 {
			w.cookies[c.Name] = c.Value
		}
	}
	switch to := res.Header.Get("Location"); {
	case to != "":
		return res.StatusCode, compact(map[string]any{"location": to}), nil
	case strings.HasPrefix(res.Header.Get("Content-Type"), "text/html"):
		return res.StatusCode, compact(map[string]any{"page": string(text)}), nil
	}
	return res.StatusCode, string(text), nil
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
