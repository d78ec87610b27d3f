package web

import (
	"net/http"
	"strconv"
	"strings"

	"posthouse/internal/core/panel"
	"posthouse/internal/core/signin"
	"posthouse/internal/fault"
)

// pathWidget is R3.
const pathWidget = "/partner/cpWidget"

func redirectRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/partner/autoLogin", side: sidePanel, serve: (*request).autoLogin},
		{method: http.MethodGet, path: pathWidget, side: sidePanel, framed: true, serve: (*request).cpWidget},
	}
}

var (
	errLink     = fault.New(fault.Unauthenticated, "The link has expired or is invalid")
	errPrefetch = &fault.Error{Code: fault.Unavailable, Text: "Links are opened by readers only", Reason: "PREFETCH", Temporary: true}
)

// The parameters by which a token opens webmail at "/": R1's, which goes with an
// address, and that of basekit.md 5.7.
const (
	paramR1         = "slt"
	paramLoginToken = "loginToken"
)

// root is "/": a log-in with a token, else the start page of the host.
func (q *request) root() error {
	switch in := q.r.URL.Query(); {
	case in.Has(paramR1):
		return q.openWebmail()
	case in.Has(paramLoginToken):
		return q.openMailbox()
	}
	if host(q.r) == q.door.panelHost {
		return q.redirect(pathPanel)
	}
	return q.redirect(pathWebmail)
}

// openWebmail is R1 (titan.md 9.2).
func (q *request) openWebmail() error {
	if strings.Contains(q.r.Header.Get("Sec-Purpose"), "prefetch") {
		return errPrefetch // the token works once
	}
	in := q.r.URL.Query()
	q.speak(in.Get("locale"))
	present := q.secrets(cookieWebmail)
	cmd := signin.OpenWebmail{
		Token: in.Get(paramR1), Email: in.Get("email_account"), Locale: q.locale.Tag, Address: q.remote.String(), RequestID: q.id,
	}
	if yes(in.Get("clearSession")) {
		cmd.End, present = present, nil
	} else if n := maxTogether - 1; len(present) > n {
		cmd.End, present = present[n:], present[:n]
	}
	if err := q.mayFail(q.door.failures); err != nil {
		return err
	}
	s, secret, err := q.door.core.OpenWebmailSession(q.ctx, cmd)
	return q.enterWebmail(s, secret, err, present)
}

// openMailbox opens webmail of the mailbox that a token is for (basekit.md 5.7).
func (q *request) openMailbox() error {
	if strings.Contains(q.r.Header.Get("Sec-Purpose"), "prefetch") {
		return errPrefetch // the token works once
	}
	present := q.secrets(cookieWebmail)
	cmd := signin.OpenMailbox{Token: q.r.URL.Query().Get(paramLoginToken), Address: q.remote.String(), RequestID: q.id}
	q.speak(q.r.URL.Query().Get("locale"))
	cmd.Locale = q.locale.Tag
	if n := maxTogether - 1; len(present) > n {
		cmd.End, present = present[n:], present[:n]
	}
	if err := q.mayFail(q.door.failures); err != nil {
		return err
	}
	s, secret, err := q.door.core.OpenMailboxSession(q.ctx, cmd)
	return q.enterWebmail(s, secret, err, present)
}

// enterWebmail adds a new session to those that the browser has, and shows
// webmail at an address without the token.
func (q *request) enterWebmail(s *signin.Session, secret string, err error, present []string) error {
	q.countLink(err)
	if err != nil {
		return err
	}
	q.show(s)
	q.keep(cookieWebmail, append([]string{secret}, present...)...)
	return q.redirect(pathWebmail)
}

// countLink counts a link that opened nothing.
func (q *request) countLink(err error) {
	if fault.Is(err, fault.Unauthenticated) {
		q.door.failures.Count(q.remote)
	}
}

func yes(s string) bool { return strings.EqualFold(s, "true") || s == "1" }

// autoLogin is R2, cpWidget R3 (titan.md 9.3).
func (q *request) autoLogin() error { return q.openPanel(cookiePanel, false) }
func (q *request) cpWidget() error  { return q.openPanel(cookieFrame, true) }

func (q *request) openPanel(cookie string, framed bool) error {
	in := q.r.URL.Query()
	q.speak(in.Get("locale"))
	if err := q.mayFail(q.door.failures); err != nil {
		return err
	}
	id, err := strconv.ParseInt(strings.TrimSpace(in.Get("partnerId")), 10, 64)
	if err != nil {
		q.countLink(errLink)
		return errLink
	}
	s, secret, err := q.door.core.OpenPanelSession(q.ctx, signin.OpenPanel{
		PartnerID: id, JWT: in.Get("jwt"), Token: in.Get("token"), Address: q.remote.String(), RequestID: q.id,
		Asked: panel.Asked{
			Section: panel.Section(in.Get("section")), Action: panel.Action(in.Get("action")), Email: in.Get("email"),
			Locale: in.Get("locale"), Theme: in.Get("theme"), Framed: framed,
		},
	})
	q.countLink(err)
	if err != nil {
		return err
	}
	return q.enterPanel(cookie, s, secret)
}

// enterPanel puts a new session in the place of the old one and shows the panel.
func (q *request) enterPanel(cookie string, s *signin.Session, secret string) error {
	q.show(s)
	for _, old := range q.secrets(cookie) {
		if err := q.door.core.EndSession(q.ctx, old); err != nil {
			return err
		}
	}
	q.keep(cookie, secret)
	to := q.frameValues()
	to.Set("section", string(s.Asked.Section))
	return q.redirect(pathPanel + "?" + to.Encode())
}

// show makes answers look as the session wants.
func (q *request) show(s *signin.Session) {
	q.partnerID, q.brand = s.Actor.PartnerID, s.Brand
	q.framed, q.theme, q.dressed = s.Asked.Framed, s.Asked.Theme, true
	q.frame = frame{partnerID: s.Brand.PartnerID, resellerID: s.Brand.ResellerID, theme: s.Asked.Theme, locale: s.Asked.Locale}
	q.frameOrigins = s.Brand.FrameOrigins
	q.speak(s.Asked.Locale)
}
