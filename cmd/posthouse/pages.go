package main

import (
	"crypto/rand"
	"net/http"
	"net/netip"

	"posthouse/internal/door/web"
)

// withPages puts the pages for browsers in front of the APIs: they share the
// listeners, and only paths of theirs are taken away.
func (n *node) withPages(apis http.Handler, proxies []netip.Prefix) (http.Handler, error) {
	door, err := web.New(web.Config{Core: n.core, Clock: n.clock, Log: n.log.With("part", "web"), TrustedProxies: proxies,
		PanelHost: n.cfg.Web.PanelHost, WebmailHost: n.cfg.Web.WebmailHost, Random: rand.Reader, Invoices: n.invoiceLinks})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if door.Handles(r) {
			door.ServeHTTP(w, r)
			return
		}
		apis.ServeHTTP(w, r)
	}), nil
}
