package main

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	_ "time/tzdata" // brands have time zones, machines may have none

	"posthouse/internal/door/basekit"
	"posthouse/internal/gate"
)

// withBaseKit makes the BaseKit API, which serves the root of host names of its
// own: those of brands on the addresses of the other APIs, and any on addresses
// that are its alone. It is nil when it is switched off.
func (n *node) withBaseKit(others http.Handler, proxies []netip.Prefix, limits *gate.Limits) (public, own http.Handler, err error) {
	if !n.cfg.BaseKit.Enabled {
		return others, nil, nil
	}
	door, err := basekit.New(basekit.Config{Core: n.core, BaseURL: n.baseURL, Clock: n.clock, Log: n.log.With("part", "basekit"),
		TrustedProxies: proxies, Limits: limits, Registerer: n.metrics, Random: rand.Reader})
	if err != nil {
		return nil, nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if door.Handles(r) {
			door.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	}), door, nil
}
