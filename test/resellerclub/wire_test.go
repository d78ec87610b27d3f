package resellerclub

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wire is a reply as it came.
type wire struct {
	status int
	header http.Header
	body   string
}

// raw sends a request as it is written, but for {names}, {auth} and the length of
// its body.
func (w *world) raw(lines ...string) wire {
	w.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(w.t.Context(), "tcp", w.Addr("http"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	root := w.sellers["root"]
	w.names["auth"] = fmt.Sprintf("auth-userid=%d&api-key=%s", root.ID, root.Key)
	head, body := lines, ""
	if i := slices.Index(lines, ""); i >= 0 {
		head, body = lines[:i], w.fill(strings.Join(lines[i+1:], "\r\n"))
	}
	verb, _, _ := strings.Cut(head[0], " ")
	text := w.fill(strings.Join(head, "\r\n")) + "\r\nHost: " + w.Addr("http") + "\r\nConnection: close\r\n"
	if body != "" || strings.HasPrefix(text, "POST") {
		text += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err := io.WriteString(conn, text+"\r\n"+body); err != nil {
		w.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: verb})
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return wire{res.StatusCode, res.Header, string(b)}
}

const (
	form    = "Content-Type: application/x-www-form-urlencoded"
	version = " HTTP/1.1"
)

// get and post are requests with everything in the query, as most libraries send.
func (w *world) get(target, params string) wire {
	w.t.Helper()
	return w.raw("GET /api/" + target + "?{auth}&" + params + version)
}

func (w *world) bodiless(target, params string) wire {
	w.t.Helper()
	return w.raw("POST /api/" + target + "?{auth}&" + params + version)
}

// php sends everything in a form.
func (w *world) php(target, params string) wire {
	w.t.Helper()
	return w.raw("POST /api/"+target+version, form, "", "{auth}&"+params)
}

func (w *world) decoded(r wire, into any) {
	w.t.Helper()
	if r.status != 200 {
		w.t.Fatalf("%d %s", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		w.t.Fatalf("%v in %s", err, r.body)
	}
}

// bare wants a body that is a whole number and nothing else.
func (w *world) bare(r wire) string {
	w.t.Helper()
	if r.status != 200 || !regexp.MustCompile(`^[0-9]+$`).MatchString(r.body) {
		w.t.Fatalf("%d %q", r.status, r.body)
	}
	return r.body
}

// keyed wants an object with at least these keys; a client raises at one that is missing.
func (w *world) keyed(r wire, keys string) object {
	w.t.Helper()
	var o object
	w.decoded(r, &o)
	for _, k := range strings.Fields(keys) {
		if _, ok := o[k]; !ok {
			w.t.Errorf("no %s in %s", k, r.body)
		}
	}
	return o
}

func (w *world) message(r wire, status int, want string) {
	w.t.Helper()
	var o struct{ Status, Message string }
	if err := json.Unmarshal([]byte(r.body), &o); err != nil || r.status != status || o.Status != "ERROR" || o.Message != want {
		w.t.Errorf("%d %s %v, want %s", r.status, r.body, err, want)
	}
}

// newCustomer signs one up with funds and gives its id.
func (w *world) newCustomer(name string) string {
	w.t.Helper()
	id := w.bare(w.php("customers/signup.json", "username="+name+"@{tag}.example"+signup))
	if len(id) != 8 {
		w.t.Errorf("customer id %s: a client wants 8 digits", id)
	}
	w.names["c"] = id
	w.bare(w.php("billing/add-customer-fund.json", "customer-id={c}&amount=1000&description=Bank&transaction-type=receipt&transaction-key="+name+"&update-total-receipt=true"))
	return id
}

// buy buys Business Email for a domain and gives the order's id.
func (w *world) buy(domain string) string {
	w.t.Helper()
	o := w.keyed(w.php("eelite/us/add.json", "domain-name="+domain+".{tag}.example&customer-id={c}&months=1&no-of-accounts=5&invoice-option=NoInvoice"), "entityid")
	w.names["o"] = fmt.Sprint(o["entityid"])
	return w.names["o"]
}
