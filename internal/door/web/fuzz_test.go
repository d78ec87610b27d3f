package web

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/signin"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// FuzzQuery holds that no query makes the door fail, set a cookie, or answer
// with a page that has the query in it unescaped.
func FuzzQuery(f *testing.F) {
	f.Add("/partner/autoLogin", "partnerId=1&jwt=a.b.c&section=home&locale=de")
	f.Add("/partner/cpWidget", "partnerId=1&jwt=a.b.c&theme=dark")
	f.Add("/", "slt=1:nkLjBJX9Uqgy&email_account=a@b&clearSession=true")
	f.Add("/", "loginToken=nkLjBJX9UqgynkLjBJX9UqgynkLjBJX9")
	f.Add("/panel", "section=<script>&frame=1")
	f.Add("/panel", "frame=1&partnerId=1&resellerId=2&locale=de&theme=dark")
	f.Add("/session/ended", "frame=1&partnerId=-1&theme=%22")
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	door, err := New(Config{Core: nobody{}, Serving: gate.Serving{Clock: c}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery = path, query
		if !door.Handles(r) {
			return
		}
		c.Advance(gate.ForgiveEvery)
		rec := httptest.NewRecorder()
		door.ServeHTTP(rec, r)
		checkHeaders(t, r, rec)
		if csp := rec.Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; frame-ancestors 'none'") && !strings.HasSuffix(csp, "; frame-ancestors https://a.example") {
			t.Fatal(csp)
		}
		if rec.Code == 429 {
			t.Fatal("told to wait")
		}
		if rec.Code >= 500 || len(rec.Result().Cookies()) > 0 || strings.Contains(rec.Body.String(), "<script") {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	})
}

// nobody lets nobody in.
type nobody struct{ Core }

func (nobody) OpenPanelSession(context.Context, signin.OpenPanel) (*signin.Session, string, error) {
	return nil, "", errLink
}

func (nobody) OpenTicketSession(context.Context, signin.OpenTicket) (*signin.Session, string, error) {
	return nil, "", errLink
}

func (nobody) OpenMailboxSession(context.Context, signin.OpenMailbox) (*signin.Session, string, error) {
	return nil, "", errLink
}

func (nobody) OpenWebmailSession(context.Context, signin.OpenWebmail) (*signin.Session, string, error) {
	return nil, "", errLink
}

func (nobody) FrameOrigins(context.Context, int64, int64) ([]string, error) {
	return []string{"https://a.example", "https://b.example;script-src *"}, nil
}

func (nobody) Session(context.Context, string) (*signin.Session, error) { return nil, errNotIn }

func (nobody) PasswordTokenInfo(context.Context, string) (*signin.PasswordSubject, error) {
	return nil, fault.New(fault.NotFound, "No such link")
}
