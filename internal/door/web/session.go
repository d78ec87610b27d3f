package web

import (
	"net/http"
	"time"

	"posthouse/internal/core/signin"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

const (
	pathSession = "/session"
	pathEnd     = "/session/end"
	pathEnded   = "/session/ended"
)

func sessionRoutes() []route {
	return []route{
		{method: http.MethodGet, path: pathSession, framed: true, serve: (*request).whoIsIn},
		{method: http.MethodPost, path: pathEnd, framed: true, serve: (*request).endSessions},
		{method: http.MethodGet, path: pathEnded, framed: true, serve: (*request).ended},
	}
}

var errNotIn = fault.New(fault.Unauthenticated, "Nobody is signed in").WithReason("NOT_SIGNED_IN")

// opened is a session with its secret.
type opened struct {
	*signin.Session
	secret string
}

// panelCookie is the cookie of the page that asks: pages in a frame say so.
func (q *request) panelCookie() string {
	if q.r.URL.Query().Get("frame") == "1" {
		return cookieFrame
	}
	return cookiePanel
}

// open gives the sessions of a cookie that are still alive.
func (q *request) open(cookie string) ([]opened, error) {
	var out []opened
	for _, secret := range q.secrets(cookie) {
		s, err := q.door.core.Session(q.ctx, secret)
		if fault.Is(err, fault.Unauthenticated) {
			q.dead = true
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, opened{s, secret})
	}
	return out, nil
}

// nobodyIn says that no session is open. Who comes with a cookie that opens
// nothing too often is told to wait; whoever else shares the address stays in.
func (q *request) nobodyIn() error {
	if !q.dead {
		return errNotIn
	}
	if err := q.mayFail(q.door.notIn); err != nil {
		return err
	}
	q.door.notIn.Count(q.remote)
	return errNotIn
}

// need gives the newest session of a cookie and dresses the answer for it.
func (q *request) need(cookie string) (opened, error) {
	all, err := q.open(cookie)
	if err != nil {
		return opened{}, err
	}
	if len(all) == 0 {
		return opened{}, q.nobodyIn()
	}
	q.show(all[0].Session)
	return all[0], nil
}

// whoIsIn is for the pages' scripts: docs/sessions.md is its contract.
type whoIsIn struct {
	Panel   *panelView    `json:"panel"`
	Webmail []webmailView `json:"webmail"`
}

type panelView struct {
	Role       suspension.Role `json:"role"`
	PartnerID  int64           `json:"partnerId"`
	Customer   customerView    `json:"customer"`
	Order      *orderView      `json:"order"` // null: all orders of the customer
	Section    string          `json:"section"`
	Action     string          `json:"action,omitempty"`
	Email      string          `json:"email,omitempty"`
	Locale     string          `json:"locale"`
	Theme      string          `json:"theme,omitempty"`
	Framed     bool            `json:"framed"`
	FrameHosts []string        `json:"frameOrigins,omitempty"`
	Notice     signin.Notice   `json:"notice,omitempty"`
	FormToken  string          `json:"formToken"`
	ExpiresAt  time.Time       `json:"expiresAt"`
}

type customerView struct {
	ID         int64  `json:"titanCustomerId"`
	CustomerID string `json:"customerId"`
	Name       string `json:"name"`
	Email      string `json:"email"`
}

type orderView struct {
	ID          int64  `json:"titanOrderId"`
	Domain      string `json:"domainName"`
	Plan        string `json:"planType"`
	Status      string `json:"status"`
	Seats       int    `json:"noOfAccounts"`
	Active      int    `json:"noOfActiveAccounts"`
	Serviceable bool   `json:"serviceable"`
}

type webmailView struct {
	Role      suspension.Role `json:"role"`
	PartnerID int64           `json:"partnerId"`
	AccountID int64           `json:"titanAccountId"`
	OrderID   int64           `json:"titanOrderId"`
	Email     string          `json:"email"`
	Name      string          `json:"name"`
	Locale    string          `json:"locale"`
	Notice    signin.Notice   `json:"notice,omitempty"`
	FormToken string          `json:"formToken"`
	ExpiresAt time.Time       `json:"expiresAt"`
}

func (q *request) whoIsIn() error {
	out := whoIsIn{Webmail: []webmailView{}}
	in, err := q.open(q.panelCookie())
	if err != nil {
		return err
	}
	if len(in) > 0 {
		out.Panel = viewPanel(in[0])
		q.partnerID = in[0].Actor.PartnerID
	}
	mail, err := q.open(cookieWebmail)
	if err != nil {
		return err
	}
	for _, s := range mail {
		out.Webmail = append(out.Webmail, viewWebmail(s))
	}
	if out.Panel == nil && len(out.Webmail) == 0 {
		return q.nobodyIn()
	}
	return q.json(http.StatusOK, out)
}

func viewPanel(s opened) *panelView {
	v := &panelView{
		Role: s.Actor.Role, PartnerID: s.Actor.PartnerID, Section: string(s.Asked.Section), Action: string(s.Asked.Action), Email: s.Asked.Email,
		Locale: s.Asked.Locale, Theme: s.Asked.Theme, Framed: s.Asked.Framed, Notice: s.Notice, FormToken: formToken(s.secret), ExpiresAt: s.ExpiresAt,
		Customer: customerView{ID: s.Customer.ID, CustomerID: s.Customer.CustomerID, Name: s.Customer.Name, Email: s.Customer.Email},
	}
	if v.Framed {
		v.FrameHosts = s.Brand.FrameOrigins
	}
	if s.Order != nil {
		v.Order = viewOrder(s.Order)
	}
	return v
}

func viewOrder(d *work.OrderDetails) *orderView {
	return &orderView{
		ID: d.Order.ID, Domain: d.Order.Domain, Plan: string(d.Order.Plan), Status: string(d.Status), Seats: d.Order.Seats,
		Active: d.Counters.Active, Serviceable: d.Order.Serviceable,
	}
}

func viewWebmail(s opened) webmailView {
	return webmailView{
		Role: s.Actor.Role, PartnerID: s.Actor.PartnerID, AccountID: s.Account.ID, OrderID: s.Account.OrderID, Email: s.Account.Email(),
		Name: s.Account.Name, Locale: s.Asked.Locale, Notice: s.Notice, FormToken: formToken(s.secret), ExpiresAt: s.ExpiresAt,
	}
}

// endSessions logs out: what `session` names (panel, frame, webmail), or all.
func (q *request) endSessions() error {
	if err := q.sameOrigin(); err != nil {
		return err
	}
	form, err := q.form()
	if err != nil {
		return err
	}
	named := map[string][]string{
		"panel": {cookiePanel}, "frame": {cookieFrame}, "webmail": {cookieWebmail},
		"": {cookiePanel, cookieFrame, cookieWebmail}, "all": {cookiePanel, cookieFrame, cookieWebmail},
	}
	cookies, ok := named[form.Get("session")]
	if !ok {
		return errForm
	}
	var secrets []string
	for _, c := range cookies {
		secrets = append(secrets, q.secrets(c)...)
	}
	if len(secrets) > 0 { // who is not in has nothing to protect
		if err := checkForm(form.Get("token"), secrets); err != nil {
			return err
		}
	}
	for _, s := range secrets {
		if err := q.door.core.EndSession(q.ctx, s); err != nil {
			return err
		}
	}
	for _, c := range cookies {
		q.keep(c)
	}
	return q.redirect(pathEnded + string(q.frameQuery()))
}

func (q *request) ended() error {
	if err := q.dressFrame(); err != nil {
		return err
	}
	return q.page(http.StatusOK, "ended", "ended.title", nil)
}
