package resellerclub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"posthouse/internal/fault"
)

// fail is an operation of the tests that fails.
func (w *world) fail(s style, named named, err error) (json, xml reply) {
	path := "test/fail"
	w.serveAlso(&operation{path: path, methods: get, style: s, serve: func(_ context.Context, c *call, _ *params) (any, error) {
		c.named = named
		return nil, err
	}})
	if s == restful {
		return w.rest(http.MethodGet, w.root, path), reply{}
	}
	return w.get(w.root, path+".json"), w.get(w.root, path+".xml")
}

// Every row of section 4 that is a fault of the core or of an operation.
func TestErrors(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		named  named
		err    error
		status int
		text   string
	}{
		"business":           {named{}, fault.New(fault.Conflict, "It is not so & can't <be>").WithReason("X"), 500, "It is not so & can't <be>"},
		"unknown domain":     {named{domain: "a.example"}, fault.New(fault.OrderNotFound, "x"), 500, "Website doesn't exist for a.example"},
		"unknown order":      {named{order: 71203344}, fault.New(fault.OrderNotFound, "x"), 500, "No Entity found for Entityid: 71203344"},
		"unknown customer":   {named{customer: 10004822}, fault.New(fault.CustomerNotFound, "x"), 500, "Invalid customer-id: 10004822"},
		"unknown user name":  {named{username: "a@b.example"}, fault.New(fault.CustomerNotFound, "x"), 500, "Customer a@b.example not found"},
		"state of the order": {named{order: 7}, fault.New(fault.OrderNotFound, "x").WithReason("ORDER_SUSPENDED"), 500, "You are not allowed to perform this action"},
		"forbidden":          {named{}, fault.New(fault.Forbidden, "x").WithReason("X"), 500, "You are not allowed to perform this action"},
		"validation":         {named{}, &wireFault{status: 500, text: "{a=a must not be blank, b=b is invalid}"}, 500, "{a=a must not be blank, b=b is invalid}"},
		"our fault":          {named{}, errors.New("SELECT secret"), 500, "An unexpected error has occurred"},
		"unavailable":        {named{}, fault.Unavail("The disk is full", errors.New("/var")), 500, "An unexpected error has occurred"},
	} {
		j, x := w.fail(plain, c.named, c.err)
		w.refused(j, c.status, c.text)
		want := written(t, c.text, asXML)
		want = "<response><status>ERROR</status><message>" + strings.TrimSuffix(strings.TrimPrefix(want, "<string>"), "</string>") + "</message></response>"
		if x.status != c.status || x.body != want {
			t.Errorf("%s: %d %s", name, x.status, x.body)
		}
		j, x = w.fail(mail, c.named, c.err) // a platform error is not wrapped
		w.refused(j, c.status, c.text)
		if x.status != c.status || x.body != want {
			t.Errorf("%s: %d %s", name, x.status, x.body)
		}
		j, _ = w.fail(restful, c.named, c.err)
		if wantJSON := written(t, object{{"status", "error"}, {"error", c.text}, {"message", c.text}}, asJSON); j.status != c.status || j.body != wantJSON {
			t.Errorf("%s: %d %s", name, j.status, j.body)
		}
	}
}

// Golden files of every error's form.
func TestErrorForms(t *testing.T) {
	w := newWorld(t)
	w.echo()
	denied := seller{w.root.id, "wrong"}
	for name, got := range map[string][2]reply{
		"unknown_path": {w.get(w.root, "none.json"), w.get(w.root, "none.xml")},
		"denied":       {w.get(denied, "test/echo.json"), w.get(denied, "test/echo.xml")},
		"verb":         {w.get(w.root, "test/change.json"), w.get(w.root, "test/change.xml")},
		"missing":      {w.send("GET", "/api/test/echo.json", "", ""), w.send("GET", "/api/test/echo.xml", "", "")},
		"invalid":      {w.get(w.root, "test/echo.json", "text", "\xff"), w.get(w.root, "test/echo.xml", "text", "\xff")},
	} {
		w.compare("errors/"+name+".json", fmt.Sprintf("%d %s", got[0].status, got[0].body))
		w.compare("errors/"+name+".xml", fmt.Sprintf("%d %s", got[1].status, got[1].body))
	}
	for name, s := range map[string]style{"mail_failure": mail, "mail_platform": mail, "rest": restful} {
		err := error(failure("emailaddress_does_not_exist", "Email address a@example.com does not exist"))
		if name == "mail_platform" {
			err = &wireFault{status: 500, text: "You need to activate your FREE Email Services before you can perform this action"}
		}
		if name == "rest" {
			err = &wireFault{status: 500, text: textNotAllowed}
		}
		j, x := w.fail(s, named{}, err)
		w.compare("errors/"+name+".json", fmt.Sprintf("%d %s", j.status, j.body))
		if s != restful {
			w.compare("errors/"+name+".xml", fmt.Sprintf("%d %s", x.status, x.body))
		}
	}
	w.compare("errors/rest_unknown_path.json", w.rest("GET", w.root, "none").body)
	w.compare("errors/rest_denied.json", func() string {
		w.serveAlso(&operation{path: "x", methods: patch, style: restful})
		return w.rest("PATCH", denied, "x").body
	}())
}

// What a mailbox operation returns is wrapped, its status first (section 9).
func TestMailStyle(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		out  any
		json string
		xml  string
	}{
		{nil, `{"response":{"status":"SUCCESS"}}`, `<hashtable><entry><string>response</string><hashtable><entry><string>status</string><string>SUCCESS</string></entry></hashtable></entry></hashtable>`},
		{object{{"n", whole(1)}}, `{"response":{"status":"SUCCESS","n":1}}`, `<hashtable><entry><string>response</string><hashtable><entry><string>status</string><string>SUCCESS</string></entry><entry><string>n</string><int>1</int></entry></hashtable></entry></hashtable>`},
	} {
		w.serveAlso(&operation{path: "test/mail", methods: get, style: mail, serve: func(context.Context, *call, *params) (any, error) { return c.out, nil }})
		if got := w.get(w.root, "test/mail.json"); got.body != c.json {
			t.Error(got.body)
		}
		if got := w.get(w.root, "test/mail.xml"); got.body != c.xml {
			t.Error(got.body)
		}
	}
}

// A panic and a reply that can't be written are faults of ours.
func TestPanic(t *testing.T) {
	w := newWorld(t)
	for _, serve := range []func(context.Context, *call, *params) (any, error){
		func(context.Context, *call, *params) (any, error) { panic("boom") },
		func(context.Context, *call, *params) (any, error) { return struct{}{}, nil },
		func(context.Context, *call, *params) (any, error) { return object{{"a", list{1.5}}}, nil },
		func(context.Context, *call, *params) (any, error) { return nil, nil },
	} {
		w.serveAlso(&operation{path: "test/panic", methods: get, serve: serve})
		w.refused(w.get(w.root, "test/panic.json"), 500, textUnexpected)
		if got := w.get(w.root, "test/panic.xml"); got.status != 500 || !strings.Contains(got.body, textUnexpected) {
			t.Error(got.body)
		}
	}
	if log := w.log.String(); !strings.Contains(log, "panic: string") || strings.Contains(log, "boom") || strings.Count(log, "level=ERROR") != 8 {
		t.Errorf("not in the log as it should be:\n%s", log)
	}
}
