package main

import (
	_ "time/tzdata" // brands have time zones, machines may have none

	"posthouse/internal/door/basekit"
	"posthouse/internal/gate"
)

// newBaseKit makes the BaseKit API, which serves the root of host names of its
// own: those of brands on the addresses of the other APIs, and any on addresses
// that are its alone. It is nil when it is switched off.
func (n *node) newBaseKit(serving gate.Serving) (*basekit.Door, error) {
	if !n.cfg.BaseKit.Enabled {
		return nil, nil
	}
	serving.Log = n.log.With("part", "basekit")
	return basekit.New(basekit.Config{Serving: serving, Core: n.core, BaseURL: n.baseURL})
}
