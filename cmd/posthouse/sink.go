package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"posthouse/internal/config"
	"posthouse/internal/door/smtpd"
	"posthouse/internal/fault"
	"posthouse/internal/mail/delivery"
	"posthouse/internal/mailaddr"
)

// sink starts the sandbox sink: the end of what sandbox partners send out.
func (n *node) sink(ctx context.Context, cfg smtpd.Config) error {
	if n.cfg.Mode != config.Development || len(n.cfg.SMTP.Sink) == 0 {
		return nil
	}
	dir := n.cfg.Path("sink")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	srv, err := smtpd.NewMX(smtpd.MXConfig{Config: cfg, Spool: n.newSpool, Mailboxes: sinkFolder{dir}})
	if err != nil {
		return err
	}
	for _, l := range n.sinkListeners {
		n.net.servers = append(n.net.servers, server{name: "sink", serve: func() error { return srv.Serve(l) }, stop: srv.Shutdown})
	}
	return nil
}

// sinkFolder takes mail to anybody and keeps it as files.
type sinkFolder struct{ dir string }

func (f sinkFolder) ResolveSize(_ context.Context, addr mailaddr.Address, _ int64) (*delivery.Recipient, error) {
	return &delivery.Recipient{Address: addr}, nil
}

func (f sinkFolder) Room(context.Context, []*delivery.Recipient, int64) error { return nil }

// Deliver writes <id>.eml; a reader never sees half of one.
func (f sinkFolder) Deliver(_ context.Context, t delivery.Transaction) error {
	tmp, err := os.CreateTemp(f.dir, ".incoming-*")
	if err != nil {
		return fault.Unavail("The sink can't store the message", err)
	}
	_, err = tmp.Write(t.Trace)
	if err == nil {
		_, err = io.Copy(tmp, io.NewSectionReader(t.Content, 0, t.Content.Size()))
	}
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(f.dir, t.ID+".eml"))
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // half a message is of no use
		return fault.Unavail("The sink can't store the message", err)
	}
	return nil
}
