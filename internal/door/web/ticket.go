package web

import (
	"net/http"
	"strconv"
	"strings"

	"posthouse/internal/core/panel"
	"posthouse/internal/core/signin"
)

// Redirects of resellers' and brands' customers into the control panel, with a
// ticket that works once (resellerclub.md section 10, basekit.md section 6).
func ticketRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/servlet/AutoLoginServlet", side: sidePanel, serve: (*request).autoLoginServlet},
		{method: http.MethodGet, path: "/servlet/ManageServiceServletForAPI", side: sidePanel, serve: (*request).manageService},
		{method: http.MethodGet, path: "/account/login", side: sidePanel, serve: (*request).accountLogin},
	}
}

// services are the sections that a service-name opens; any other is home.
var services = map[string]panel.Section{"mailhosting": panel.EmailAccounts, "webmail": panel.Home, "dns": panel.DomainVerification}

// autoLoginServlet opens all orders of a customer. Resellers have no pages here:
// with their role a ticket opens nothing.
func (q *request) autoLoginServlet() error {
	in := q.r.URL.Query()
	if in.Get("role") != "customer" {
		q.countLink(errLink)
		return errLink
	}
	return q.openTicket(signin.OpenTicket{Ticket: in.Get("userLoginId")})
}

// manageService opens one order.
func (q *request) manageService() error {
	in := q.r.URL.Query()
	id, err := strconv.ParseInt(strings.TrimSpace(in.Get("orderid")), 10, 64)
	if err != nil || id <= 0 {
		q.countLink(errLink)
		return errLink
	}
	return q.openTicket(signin.OpenTicket{Ticket: in.Get("auth-token"), OrderID: id, Asked: panel.Asked{Section: services[in.Get("service-name")]}})
}

// accountLogin opens all orders of an account holder, or the one of siteRef.
// Clients append "r=" and an address, where they would have him go: nobody is
// ever sent there.
func (q *request) accountLogin() error {
	in := q.r.URL.Query()
	cmd := signin.OpenTicket{Ticket: in.Get("hash")}
	if site := in.Get("siteRef"); site != "" {
		id, err := strconv.ParseInt(site, 10, 64)
		if err != nil || id <= 0 {
			q.countLink(errLink)
			return errLink
		}
		cmd.OrderID = id
	}
	return q.openTicket(cmd)
}

func (q *request) openTicket(cmd signin.OpenTicket) error {
	if strings.Contains(q.r.Header.Get("Sec-Purpose"), "prefetch") {
		return errPrefetch // the ticket works once
	}
	if err := q.mayFail(q.door.failures); err != nil {
		return err
	}
	q.speak(q.r.URL.Query().Get("locale"))
	cmd.Asked.Locale, cmd.Address, cmd.RequestID = q.locale.Tag, q.remote.String(), q.id
	s, secret, err := q.door.core.OpenTicketSession(q.ctx, cmd)
	q.countLink(err)
	if err != nil {
		return err
	}
	return q.enterPanel(cookiePanel, s, secret)
}
