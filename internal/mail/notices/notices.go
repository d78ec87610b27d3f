// Package notices writes the mails that the platform sends itself: it takes
// them from the outbox, partner by partner, composes them in the brand and
// language of the reader and puts them into the queue in the transaction that
// takes them out of the outbox. So each is sent once, whatever crashes, by
// however many nodes.
package notices

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posthouse/internal/clock"
	"posthouse/internal/core/locale"
	"posthouse/internal/core/notice"
	"posthouse/internal/core/outbox"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/shop"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/mail/queue"
	"posthouse/internal/mailaddr"
	"posthouse/internal/mailstore"
	"posthouse/internal/metric"
	"posthouse/internal/store/sqldb"
)

// Core is what the package needs of *provision.Service.
type Core interface {
	NextNotice(ctx context.Context, afterPartner int64) (*notice.Draft, error)
	NoticeToken(d *notice.Draft) (string, error)
	NoticeFailed(ctx context.Context, id int64, cause error) (parked bool, err error)
	DomainRouting(ctx context.Context, domain string) (*routing.Routing, error)
	ObserveQuotas(ctx context.Context, seen []outbox.QuotaObservation) (told int, err error)
}

// Queue is what it needs of *queue.Queue.
type Queue interface {
	PrepareSystem(ctx context.Context, s queue.System) (*queue.PreparedSystem, error)
	SystemTx(ctx context.Context, tx *sqldb.Tx, p *queue.PreparedSystem) error
}

// Mailboxes tells how full they are; *mailstore.Store does.
type Mailboxes interface {
	Fill(ctx context.Context, after int64, limit int) ([]mailstore.Fill, error)
}

// Config of a Service; zero values mean the defaults named.
type Config struct {
	DB        *sqldb.DB
	Wrap      func(*sqldb.Tx) work.Tx // the core's view of a transaction: (*store.Store).Wrap
	Core      Core
	Queue     Queue
	Mailboxes Mailboxes // nil = quotas are not watched

	// Sender is From where a brand names no address or may not use it.
	Sender mailaddr.Address
	// BaseURL is where the pages are that links lead to where a brand names no address.
	BaseURL func() string
	// Templates replace embedded ones; nil = none do.
	Templates fs.FS

	Clock      clock.Clock
	Random     io.Reader
	Log        *slog.Logger
	Registerer prometheus.Registerer
	Poll       time.Duration // for what other processes write, and for what failed; 2 s
	QuotaEvery time.Duration // from one look at all mailboxes to the next; 10 min
}

// Service is the outbox's worker.
type Service struct {
	cfg     Config
	letters letters
	wake    chan struct{}
	sent    *prometheus.CounterVec
	failed  *prometheus.CounterVec
}

// New makes a Service; a template that can't be used is an error.
func New(cfg Config) (*Service, error) {
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 2 * time.Second
	}
	if cfg.QuotaEvery <= 0 {
		cfg.QuotaEvery = 10 * time.Minute
	}
	if cfg.BaseURL == nil {
		cfg.BaseURL = func() string { return "" }
	}
	if cfg.Sender.IsZero() {
		return nil, fault.New(fault.Invalid, "The notices need a sender")
	}
	l, err := loadLetters(cfg.Templates)
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, letters: l, wake: make(chan struct{}, 1)}
	const ns, sub = "posthouse", "notices"
	s.sent = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "queued_total",
		Help: "Mails that the platform wrote and queued, by kind."}, []string{"kind"})
	s.failed = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: ns, Subsystem: sub, Name: "failures_total",
		Help: "Failures to write or queue such a mail, by kind; parked ones wait for the operator."}, []string{"kind", "parked"})
	if err := metric.Register(cfg.Registerer, s.sent, s.failed); err != nil {
		return nil, fault.Wrap(err)
	}
	return s, nil
}

// Notify tells that something may be in the outbox: to be called after the
// commit. It never blocks.
func (s *Service) Notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run empties the outbox and watches quotas until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.runQuotas(ctx) })
	partner := int64(0)
	for ctx.Err() == nil {
		did, err := s.step(ctx, &partner)
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "the outbox can't be worked on", "error", err)
		}
		if did {
			continue
		}
		t := s.cfg.Clock.NewTimer(s.cfg.Poll)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-t.C():
		}
		t.Stop()
	}
	return nil
}

// step takes one notice and reports whether there was one. What fails is put
// off, so that the others go on.
func (s *Service) step(ctx context.Context, partner *int64) (bool, error) {
	d, err := s.cfg.Core.NextNotice(ctx, *partner)
	if d == nil || err != nil {
		return false, err
	}
	*partner = d.PartnerID
	log := s.cfg.Log.With("notice", d.ID, "kind", string(d.Kind), "partner", d.PartnerID)
	err = fault.Contain(func() error { return s.submit(ctx, d) })
	switch {
	case err == nil:
		s.sent.WithLabelValues(label(d.Kind)).Inc()
		return true, nil
	case errors.Is(err, errTaken):
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	parked, ferr := s.cfg.Core.NoticeFailed(ctx, d.ID, err)
	s.failed.WithLabelValues(label(d.Kind), fmt.Sprint(parked)).Inc()
	log.ErrorContext(ctx, "notice not sent", "parked", parked, "error", err)
	return ferr == nil, ferr
}

// label keeps what is no kind of ours out of the metrics.
func label(k notice.Kind) string {
	if !known(k) {
		return "unknown"
	}
	return string(k)
}

// errTaken says that another node was faster.
var errTaken = fault.New(fault.Conflict, "The notice was taken by another node")

// fallbackAfter leaves the second address half of a link's day.
const fallbackAfter = 12 * time.Hour

// submit composes a notice and moves it from the outbox into the queue.
func (s *Service) submit(ctx context.Context, d *notice.Draft) error {
	to, err := mailaddr.Parse(d.To, mailaddr.AllowUTF8)
	if err != nil {
		return err
	}
	var fallback mailaddr.Address
	if d.FallbackTo != "" {
		if fallback, err = mailaddr.Parse(d.FallbackTo, mailaddr.AllowUTF8); err != nil {
			return err
		}
	}
	from, signAs, err := s.sender(ctx, d)
	if err != nil {
		return err
	}
	content, err := s.compose(d, from, to)
	if err != nil {
		return err
	}
	prepared, err := s.cfg.Queue.PrepareSystem(ctx, queue.System{
		NoticeID: d.ID, PartnerID: d.PartnerID, OrderID: d.OrderID, Sandbox: d.Sandbox, To: to, Mailbox: d.MailboxID, Fallback: fallback,
		FallbackAfter: fallbackAfter, SignAs: signAs, SMTPUTF8: !to.ASCII() || !from.ASCII(), Content: bytes.NewReader(content),
	})
	if err != nil {
		return err
	}
	return s.cfg.DB.WriteRows(ctx, func(tx *sqldb.Tx) error {
		gone, err := s.cfg.Wrap(tx).DeleteNotice(ctx, d.ID)
		if err != nil {
			return err
		}
		if !gone {
			return errTaken
		}
		return s.cfg.Queue.SystemTx(ctx, tx, prepared)
	})
}

// sender gives From and the domain that signs. A brand may not speak, let alone
// sign, for a domain that is another partner's here; the platform's own address
// is the operator's word.
func (s *Service) sender(ctx context.Context, d *notice.Draft) (from mailaddr.Address, signAs string, err error) {
	from, own := s.cfg.Sender, false
	if d.Brand.SenderEmail != "" {
		a, perr := mailaddr.Parse(d.Brand.SenderEmail, mailaddr.AllowUTF8)
		if perr == nil && a.Normal() != from.Normal() {
			from, own = a, true
		}
	}
	serving, err := s.cfg.Core.DomainRouting(ctx, from.Domain)
	if err != nil {
		return from, "", err
	}
	if own && serving.Served && serving.PartnerID != d.PartnerID {
		from, own = s.cfg.Sender, false
		if serving, err = s.cfg.Core.DomainRouting(ctx, from.Domain); err != nil {
			return from, "", err
		}
	}
	if serving.Served {
		signAs = from.Domain
	}
	return from, signAs, nil
}

func (s *Service) compose(d *notice.Draft, from, to mailaddr.Address) ([]byte, error) {
	token, err := s.cfg.Core.NoticeToken(d)
	if err != nil {
		return nil, err
	}
	in := locale.Match(d.Locale)
	o := order{kind: d.Kind, data: d.Data, brand: d.Brand, expires: d.LinkExpires, panel: d.Brand.PanelURL, webmail: d.Brand.WebmailURL, signature: d.Signature}
	if o.brand.Name == "" {
		o.brand.Name = from.Domain
	}
	switch {
	case token == "":
	case d.Link != "":
		o.link = shop.WithParameter(d.Link, d.LinkName, token)
	default:
		base := cmp.Or(d.Brand.PanelURL, d.Brand.WebmailURL, s.cfg.BaseURL())
		if d.AccountID != 0 {
			base = cmp.Or(d.Brand.WebmailURL, d.Brand.PanelURL, s.cfg.BaseURL())
		}
		if base == "" {
			return nil, fault.New(fault.Invalid, "No address of the pages is known: set brand.panel_url")
		}
		o.link = strings.TrimSuffix(base, "/") + "/password/" + token
	}
	p, err := s.letters.write(o, in)
	if err != nil {
		return nil, err
	}
	return compose(s.cfg.Random, envelope{
		fromName: cmp.Or(d.Brand.SenderName, o.brand.Name), from: from, to: to, date: d.CreatedAt, language: in.Tag,
	}, p)
}
