package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"posthouse/internal/config"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/work"
	"posthouse/internal/door/web"
	"posthouse/internal/export"
	"posthouse/internal/mailstore/keyring"
	"posthouse/internal/secret"
)

// exportLinks signs with a key of its own; the address is asked for late, since
// a server knows its own only when it listens.
func (p *platform) exportLinks(keys *keyring.Keyring) (*secret.Links, error) {
	key, err := keys.Derive("export.links")
	if err != nil {
		return nil, err
	}
	return export.NewLinks(func() string { return p.baseURL() }, key[:], p.clock), nil
}

// baseURL is where partners reach this installation.
func (p *platform) baseURL() string {
	switch {
	case p.cfg.HTTP.BaseURL != "":
		return p.cfg.HTTP.BaseURL
	case p.cfg.Mode != config.Development || len(p.cfg.HTTP.Listen) == 0:
		return "https://" + p.cfg.Hostname
	case p.listening != nil && len(p.listening()) > 0:
		return "http://" + p.listening()[0]
	}
	return "http://" + p.cfg.HTTP.Listen[0]
}

// newExports makes what runs legal exports.
func (n *node) newExports() (err error) {
	n.listening = func() []string { return n.net.bound["http"] }
	n.exports, err = export.New(export.Config{Core: n.core, Mail: export.FromStore(n.mail), Dir: n.cfg.Path("exports"), Random: rand.Reader,
		Clock: n.clock, Log: n.log.With("part", "export")})
	return err
}

// withExports puts the files of legal exports in front of the APIs.
func (n *node) withExports(apis http.Handler, proxies []netip.Prefix) http.Handler {
	files := web.NewExports(web.ExportsConfig{Core: n.core, Files: n.exports, Links: n.links, TrustedProxies: proxies, Clock: n.clock, Log: n.log.With("part", "export")})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if files.Handles(r) {
			files.ServeHTTP(w, r)
			return
		}
		apis.ServeHTTP(w, r)
	})
}

type accountExportCmd struct {
	ID   int64 `arg:"" help:"Account id (titanAccountId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *accountExportCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		ref, err := p.accountRef(ctx, k.ID)
		if err != nil {
			return err
		}
		j, err := p.core.CreateLegalExport(ctx, operator(), ref)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(out, p.viewExport(j))
		}
		_, err = fmt.Fprintf(out, "%s is %s: %s\n", j.PublicID(), j.State, j.FileName())
		return err
	})
}

type accountExportsCmd struct {
	ID   int64 `arg:"" help:"Account id (titanAccountId)."`
	JSON bool  `help:"Print JSON."`
}

func (k *accountExportsCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		ref, err := p.accountRef(ctx, k.ID)
		if err != nil {
			return err
		}
		jobs, err := p.core.LegalExports(ctx, operator(), ref)
		if err != nil {
			return err
		}
		views := []exportView{}
		var rows [][]string
		for _, j := range jobs {
			v := p.viewExport(j)
			views = append(views, v)
			rows = append(rows, []string{v.ID, string(v.State), strconv.FormatInt(v.Messages, 10), size(v.SizeBytes), date(&v.CreatedAt), date(v.ExpiresAt), orDash(v.URL), orDash(v.LastError)})
		}
		if k.JSON {
			return printJSON(out, views)
		}
		return table(out, []string{"JOB", "STATE", "MESSAGES", "SIZE", "CREATED", "EXPIRES", "LINK (24 HOURS)", "ERROR"}, rows)
	})
}

// accountRef names an account in its order, whatever its state.
func (p *platform) accountRef(ctx context.Context, id int64) (work.AccountRef, error) {
	d, err := p.core.FetchEmailAccount(ctx, operator(), work.AccountRef{AccountID: id})
	if err != nil {
		return work.AccountRef{}, err
	}
	return work.AccountRef{Order: work.OrderRef{ID: d.Account.OrderID}, AccountID: id}, nil
}

// exportView is an export as scripts see it.
type exportView struct {
	ID        string            `json:"jobId"`
	AccountID int64             `json:"accountId"`
	State     legalexport.State `json:"state"`
	File      string            `json:"file"`
	URL       string            `json:"url,omitempty"`
	SizeBytes int64             `json:"sizeBytes"`
	Messages  int64             `json:"messages"`
	LastError string            `json:"lastError,omitempty"`
	CreatedAt time.Time         `json:"createdAt"`
	ExpiresAt *time.Time        `json:"expiresAt,omitempty"`
}

func (p *platform) viewExport(j *legalexport.Job) exportView {
	v := exportView{ID: j.PublicID(), AccountID: j.AccountID, State: j.State, File: j.FileName(), SizeBytes: j.SizeBytes, Messages: j.Messages,
		LastError: j.LastError, CreatedAt: j.CreatedAt, ExpiresAt: j.ExpiresAt}
	if j.State == legalexport.Completed {
		v.URL = p.links.URL(j.FileName())
	}
	return v
}
