package main

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"strings"

	"posthouse/internal/door/native"
	"posthouse/internal/gate"
)

// withNative puts the native API beside the dialect: it has /v1.
func (n *node) withNative(dialect http.Handler, proxies []netip.Prefix, limits *gate.Limits) (http.Handler, error) {
	door, err := native.New(native.Config{Core: n.core, Sandbox: n.queue, Clock: n.clock, Log: n.log.With("part", "native"), CursorKey: n.cursorKey, Invoices: n.invoiceLinks,
		TrustedProxies: proxies, Limits: limits, Registerer: n.metrics, Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			door.ServeHTTP(w, r)
			return
		}
		dialect.ServeHTTP(w, r)
	}), nil
}
