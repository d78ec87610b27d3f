package main

import (
	"net/http"

	"posthouse/internal/door/resellerclub"
	"posthouse/internal/gate"
)

// withResellerClub puts the ResellerClub API beside the others: it has /api/ and
// /restapi/, below a prefix if one is configured.
func (n *node) withResellerClub(apis http.Handler, serving gate.Serving) (http.Handler, error) {
	if !n.cfg.ResellerClub.Enabled {
		return apis, nil
	}
	serving.Log = n.log.With("part", "resellerclub")
	door, err := resellerclub.New(resellerclub.Config{Serving: serving, Core: n.core, MailHost: n.cfg.Hostname, BaseURL: n.platform.baseURL, Prefix: n.cfg.ResellerClub.Prefix})
	if err != nil {
		return nil, err
	}
	return ahead(door, apis), nil
}
