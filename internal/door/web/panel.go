package web

import (
	"net/http"
	"slices"
	"strconv"

	"posthouse/internal/core/cart"
	"posthouse/internal/core/order"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/plan"
	"posthouse/internal/core/work"
)

const (
	pathPanel    = "/panel"
	pathPurchase = "/panel/purchase"
	pathWebmail  = "/webmail"
)

// panelRoutes are the pages that the applications will grow from: for now each
// says who was let in.
func panelRoutes() []route {
	return []route{
		{method: http.MethodGet, path: pathPanel, side: sidePanel, framed: true, serve: (*request).panelPage},
		{method: http.MethodPost, path: pathPurchase, side: sidePanel, framed: true, serve: (*request).purchase},
		{method: http.MethodGet, path: pathWebmail, side: sideWebmail, serve: (*request).webmailPage},
	}
}

// maxListed bounds the orders on one page.
const maxListed = 100

type panelData struct {
	*panelView
	Orders  []*orderView
	More    bool
	Asked   string // the text of the section
	Pays    bool   // the partner has a payment page
	Session string // which one to end
}

func (q *request) panelPage() error {
	s, err := q.need(q.panelCookie())
	if err != nil {
		return err
	}
	v := viewPanel(s)
	asked := s.Asked
	if section := q.r.URL.Query().Get("section"); section != "" {
		asked.Section = panel.Section(section)
		v.Section = string(asked.Heed(s.Brand.Themes).Section)
	}
	data := panelData{panelView: v, Asked: "section." + v.Section, Session: "panel"}
	if v.Framed {
		data.Session = "frame"
	}
	if s.Order == nil {
		all, err := q.door.core.ListMailOrders(q.ctx, q.actor(s.Actor), ordering.ListMailOrders{CustomerNumber: s.Customer.ID})
		if err != nil {
			return err
		}
		data.More = len(all) > maxListed
		for _, d := range all[:min(len(all), maxListed)] {
			data.Orders = append(data.Orders, viewOrder(d))
		}
	}
	billing := []panel.Section{panel.BillingAndUpgrade, panel.BuyEmailAccount, panel.BillingAndSubscription}
	if v.Order != nil && (s.Order.Status == order.Active || s.Order.Status == order.Suspended) && slices.Contains(billing, panel.Section(v.Section)) {
		if to, ok := origin(s.Brand.PaymentURL); ok {
			data.Pays = true
			if !v.Framed {
				q.formsTo = []string{to} // browsers check where a form's redirect leads
			}
		}
	}
	return q.page(http.StatusOK, "panel", "panel.title", data)
}

type payData struct{ URL string }

// purchase is the way to R4 (titan.md 9.4).
func (q *request) purchase() error {
	if err := q.sameOrigin(); err != nil {
		return err
	}
	s, err := q.need(q.panelCookie())
	if err != nil {
		return err
	}
	form, err := q.form()
	if err != nil {
		return err
	}
	if err := checkForm(form.Get("token"), []string{s.secret}); err != nil {
		return err
	}
	number := func(name string) int {
		n, nerr := strconv.Atoi(form.Get(name))
		if form.Get(name) != "" && (nerr != nil || n < 1) {
			err = errForm
		}
		return n
	}
	ref := work.OrderRef{ID: s.Actor.Limit.OrderID}
	if ref.ID == 0 {
		ref.ID = int64(number("titanOrderId"))
	}
	var items []cart.Item
	if n := number("accounts"); n > 0 {
		items = append(items, cart.Item{Accounts: n})
	}
	if p := form.Get("plan"); p != "" {
		items = append(items, cart.Item{Plan: plan.Plan(p)})
	}
	if c := form.Get("renew"); c != "" {
		items = append(items, cart.Item{Renew: order.Cycle(c)})
	}
	if a := form.Get("addon"); a != "" {
		items = append(items, cart.Item{Addon: a, Quantity: max(1, number("quantity"))})
	}
	if err != nil {
		return err
	}
	p, err := q.door.core.StartPurchase(q.ctx, q.actor(s.Actor), ordering.StartPurchase{
		Order: ref, Action: cart.Action(form.Get("action")), Items: items, Locale: q.locale.Tag,
	})
	if err != nil {
		return err
	}
	if s.Asked.Framed {
		// The payment page belongs into a tab of its own, which has not the
		// frame's cookie: so it is a link, and not where the form leads.
		return q.page(http.StatusOK, "pay", "pay.title", payData{p.URL})
	}
	return q.redirect(p.URL)
}

type webmailData struct {
	webmailView
	Others []webmailView
}

func (q *request) webmailPage() error {
	all, err := q.open(cookieWebmail)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return q.nobodyIn()
	}
	q.show(all[0].Session)
	data := webmailData{webmailView: viewWebmail(all[0])}
	for _, s := range all[1:] {
		data.Others = append(data.Others, viewWebmail(s))
	}
	return q.page(http.StatusOK, "webmail", "webmail.title", data)
}
