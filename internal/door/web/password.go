package web

import (
	"errors"
	"net/http"
	"strings"

	"posthouse/internal/core/audit"
	"posthouse/internal/core/signin"
	"posthouse/internal/fault"
)

// pathPassword is where the links in our mails lead: /password/<token>.
const pathPassword = "/password/"

// Passwords are chosen on these pages by whoever holds a link. Looking at a page
// leaves the link as it is, because mail scanners look too; only the form uses
// it up. The token is in the path, which no log line and no Referer tells.
func passwordRoutes() []route {
	return []route{
		{method: http.MethodGet, path: pathPassword, serve: (*request).choosePassword},
		{method: http.MethodPost, path: pathPassword, serve: (*request).setPassword},
	}
}

// passwordForm is what the form's template shows.
type passwordForm struct {
	Email  string
	First  bool   // there is no password yet
	Panel  bool   // the control panel's password, not a mailbox's
	Error  string // name of a text, "" = none
	Action string // where the form goes
	Rule   string // name of the text that tells what is asked of the password
	Min    int    // characters
	Max    int
	Open   string // after success: where to log in, "" = unknown
}

// linkToken is the rest of the path.
func (q *request) linkToken() string {
	return strings.TrimSuffix(q.r.URL.Path[len(pathPassword):], "/")
}

// subject finds whom the link is for and dresses the page for them.
func (q *request) subject(s *signin.PasswordSubject) *passwordForm {
	q.partnerID, q.brand = s.PartnerID, s.Brand
	q.speak(s.Locale)
	f := &passwordForm{Email: s.Email, First: s.First, Panel: s.CustomerID != 0, Action: q.r.URL.Path, Open: s.Brand.WebmailURL,
		Rule: "password.rule", Min: 8, Max: 1024}
	if s.Classes {
		f.Rule, f.Min, f.Max = "password.rule.classes", 9, 64
	}
	if f.Panel {
		f.Open = s.Brand.PanelURL
	}
	return f
}

// title of the form: a first password is chosen, later ones are new.
func (f *passwordForm) title() string {
	if f.First {
		return "password.first.title"
	}
	return "password.new.title"
}

func (q *request) choosePassword() error {
	s, err := q.openLink()
	if err != nil {
		return q.linkGone(err)
	}
	f := q.subject(s)
	return q.page(http.StatusOK, "password", f.title(), f)
}

// openLink looks a link up. Who has failed too often is not answered: not that
// a token could be guessed, but each guess costs us a look.
func (q *request) openLink() (*signin.PasswordSubject, error) {
	if err := q.mayFail(q.door.failures); err != nil {
		return nil, err
	}
	s, err := q.door.core.PasswordTokenInfo(q.ctx, q.linkToken())
	if fault.Is(err, fault.NotFound) {
		q.door.failures.Count(q.remote)
	}
	return s, err
}

// linkGone is the one page for links that open nothing, whatever the reason.
func (q *request) linkGone(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	if q.locale.Tag == "" {
		q.speak("")
	}
	return q.page(http.StatusGone, "password_gone", "password.gone.title", nil)
}

func (q *request) setPassword() error {
	if err := q.sameOrigin(); err != nil {
		return err
	}
	s, err := q.openLink()
	if err != nil {
		return q.linkGone(err)
	}
	q.door.failures.Count(q.remote) // each costs a hash
	f := q.subject(s)
	v, err := q.form()
	if err != nil {
		return err
	}
	password := v.Get("password")
	if v.Get("repeat") != password {
		f.Error = "password.different"
		return q.page(http.StatusUnprocessableEntity, "password", f.title(), f)
	}
	_, err = q.door.core.SetPasswordByToken(q.ctx, signin.SetPasswordByToken{
		Token: q.linkToken(), Password: password, Actor: q.actor(audit.Actor{}),
	})
	if text := passwordRefusal(err); text != "" {
		f.Error = text
		return q.page(http.StatusUnprocessableEntity, "password", f.title(), f)
	}
	if err != nil {
		return q.linkGone(err)
	}
	return q.page(http.StatusOK, "password_done", "password.done.title", f)
}

// passwordRefusal names the text that tells what is wrong with a password.
func passwordRefusal(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid {
		return ""
	}
	switch f.Reason {
	case "PASSWORD_TOO_SHORT":
		return "password.short"
	case "PASSWORD_TOO_LONG":
		return "password.long"
	case "PASSWORD_CLASSES":
		return "password.classes"
	}
	return "password.unusable" // characters that no log-in can send
}
