package main

import (
	"net/http"

	"posthouse/internal/door/web"
	"posthouse/internal/gate"
)

// withPages puts the pages for browsers in front of the APIs: they share the
// listeners, and only paths of theirs are taken away.
func (n *node) withPages(apis http.Handler, serving gate.Serving) (http.Handler, error) {
	serving.Log = n.log.With("part", "web")
	door, err := web.New(web.Config{Serving: serving, Core: n.core, PanelHost: n.cfg.Web.PanelHost, WebmailHost: n.cfg.Web.WebmailHost, Invoices: n.invoiceLinks})
	if err != nil {
		return nil, err
	}
	return ahead(door, apis), nil
}
