package main

import (
	"net/http"
	_ "time/tzdata" // brands have time zones, machines may have none

	"posthouse/internal/door/basekit"
	"posthouse/internal/gate"
)

// withBaseKit makes the BaseKit API, which serves the root of host names of its
// own: those of brands on the addresses of the other APIs, and any on addresses
// that are its alone. It is nil when it is switched off.
func (n *node) withBaseKit(others http.Handler, serving gate.Serving) (public, own http.Handler, err error) {
	if !n.cfg.BaseKit.Enabled {
		return others, nil, nil
	}
	serving.Log = n.log.With("part", "basekit")
	door, err := basekit.New(basekit.Config{Serving: serving, Core: n.core, BaseURL: n.baseURL})
	if err != nil {
		return nil, nil, err
	}
	return ahead(door, others), door, nil
}
