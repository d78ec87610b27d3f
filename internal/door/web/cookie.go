package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"posthouse/internal/fault"
)

// The cookies. One in a frame is another one than that of a page of its own: it
// is sent across sites, but kept apart per embedding site (Partitioned).
const (
	cookiePanel   = "posthouse_panel"
	cookieFrame   = "posthouse_frame"
	cookieWebmail = "posthouse_webmail"
)

// maxTogether is how many mailboxes one browser has open; the oldest one goes.
const maxTogether = 5

// cookieName adds the prefix by which browsers refuse a cookie that another
// host of the domain, or plain HTTP, has set.
func (q *request) cookieName(name string) string {
	if q.secure || name == cookieFrame {
		return "__Host-" + name
	}
	return name
}

// secrets gives the secrets in a cookie, newest first.
func (q *request) secrets(name string) []string {
	c, err := q.r.Cookie(q.cookieName(name))
	if err != nil || len(c.Value) > 1024 {
		return nil
	}
	out := strings.Split(c.Value, ".")
	out = out[:min(len(out), maxTogether)]
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// keep sets a cookie for as long as the browser runs; without secrets it goes.
func (q *request) keep(name string, secrets ...string) {
	c := &http.Cookie{
		Name: q.cookieName(name), Value: strings.Join(secrets, "."), Path: "/", HttpOnly: true, Secure: q.secure, SameSite: http.SameSiteLaxMode,
	}
	if name == cookieFrame {
		c.Secure, c.SameSite, c.Partitioned = true, http.SameSiteNoneMode, true
	}
	if len(secrets) == 0 {
		c.MaxAge = -1
	}
	http.SetCookie(q.w, c)
}

// formToken goes into every form of a session: a page of somebody else can't
// know it, and it does not give the secret away.
func formToken(secret string) string {
	h := sha256.Sum256([]byte("form\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// checkForm refuses a form that was not made for one of these sessions.
func checkForm(token string, secrets []string) error {
	for _, s := range secrets {
		if subtle.ConstantTimeCompare([]byte(token), []byte(formToken(s))) == 1 {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "The form belongs to another session").WithReason("FORM_TOKEN")
}
