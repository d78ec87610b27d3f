package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"posthouse/internal/core/account"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/brand"
	"posthouse/internal/core/customer"
	"posthouse/internal/core/order"
	"posthouse/internal/core/panel"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/suspension"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/ticket"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
	"posthouse/internal/secret"
)

// Notice is what a page should tell about the order before anything else.
type Notice string

// The notices.
const (
	NoticePending        Notice = "pending"         // not paid yet
	NoticeSuspended      Notice = "suspended"       // nobody can log in or send
	NoticeDeleted        Notice = "deleted"         // can be reactivated until the purge
	NoticeNotServiceable Notice = "not_serviceable" // mail goes elsewhere until ownership is proven
)

// Session says who was let in, and to what. It is read anew with every request.
type Session struct {
	Kind  work.SessionKind
	Actor audit.Actor // for commands and queries; limited to what is the holder's own

	Customer *customer.Customer // panel
	Account  *account.Account   // webmail
	Order    *work.OrderDetails // the one order; nil: all of Customer, which ListMailOrders gives to Actor
	Notice   Notice             // about Order; "" when there is nothing to tell

	Asked     panel.Asked // what the redirect asked for
	Brand     brand.Brand
	CreatedAt time.Time
	ExpiresAt time.Time
}

// secretLen gives 256 bits.
const secretLen = 43

var (
	errLink    = fault.New(fault.Unauthenticated, "The link has expired or is invalid")
	errSession = fault.New(fault.Unauthenticated, "The session has ended").WithReason("SESSION_ENDED")
)

// refusedLink hides why a link is refused; what is our own fault stays one.
func refusedLink(err error) error {
	switch f := fault.Of(err); {
	case err == nil:
		return nil
	case f.Code == fault.Internal || f.Code == fault.Unavailable:
		return err
	default:
		return &fault.Error{Code: errLink.Code, Text: errLink.Text, Cause: err}
	}
}

// touchEvery is how often the use of a session is written down.
const touchEvery = time.Minute

// Session gives the session that a cookie's secret opens. fault.Unauthenticated
// when there is none any more.
func (s *Service) Session(ctx context.Context, raw string) (*Session, error) {
	if len(raw) != secretLen {
		return nil, errSession
	}
	hash := secret.Hash(raw)
	var out *Session
	var row *work.WebSession
	err := s.Read(ctx, work.AsPlatform, func(u *work.Unit) (err error) {
		if row, err = u.Tx.WebSession(u.Ctx, hash); err != nil {
			return err
		}
		if row == nil {
			return errSession
		}
		out, err = judgeSession(u, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	if s.Now().Sub(row.UsedAt) >= touchEvery {
		idle, _ := s.sessionLife(row.Kind)
		if err := s.Write(ctx, work.AsPlatform, func(u *work.Unit) error {
			return u.Tx.TouchWebSession(u.Ctx, hash, u.Real, u.Real.Add(idle))
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) sessionLife(k work.SessionKind) (idle, life time.Duration) {
	if k == work.WebmailSession {
		return s.Settings.WebmailIdle, s.Settings.WebmailLife
	}
	return s.Settings.PanelIdle, s.Settings.PanelLife
}

// EndSession logs out. A secret that opens nothing is no error.
func (s *Service) EndSession(ctx context.Context, raw string) error {
	if len(raw) != secretLen {
		return nil
	}
	return s.Write(ctx, work.AsPlatform, func(u *work.Unit) error { return endSession(u, raw) })
}

func endSession(u *work.Unit, raw string) error {
	hash := secret.Hash(raw)
	row, err := u.Tx.WebSession(u.Ctx, hash)
	if err != nil || row == nil {
		return err
	}
	if err := u.Tx.DeleteWebSession(u.Ctx, hash); err != nil {
		return err
	}
	return recordSession(u, "session.end", row)
}

// recordSession writes the audit record of a session's beginning or end.
func recordSession(u *work.Unit, action string, row *work.WebSession) error {
	if err := u.Enter(row.PartnerID); err != nil {
		return err
	}
	if row.Kind == work.WebmailSession {
		return u.Record(row.PartnerID, action, "account", row.AccountID, work.Detail{"kind": row.Kind})
	}
	return u.Record(row.PartnerID, action, "customer", row.CustomerID, work.Detail{"kind": row.Kind, "order": row.OrderID, "key": row.KeyID, "reseller": row.ResellerID, "apiUser": row.APIUserID, "framed": row.Asked.Framed})
}

// beginSession completes and keeps a judged session and gives its secret.
func beginSession(u *work.Unit, row *work.WebSession) (*Session, string, error) {
	raw, err := secret.Alphanumeric(u.Platform.Random, secretLen)
	if err != nil {
		return nil, "", err
	}
	idle, life := New(u.Platform).sessionLife(row.Kind)
	row.Hash, row.CreatedAt, row.UsedAt = secret.Hash(raw), u.Real, u.Real
	row.IdleAt, row.ExpiresAt = u.Real.Add(idle), u.Real.Add(life)
	if err := u.Tx.InsertWebSession(u.Ctx, row); err != nil {
		return nil, "", err
	}
	out, err := judgeSession(u, row)
	if err != nil {
		return nil, "", err
	}
	return out, raw, recordSession(u, "session.open", row)
}

// judgeSession says who a session lets in now, or that it has ended.
func judgeSession(u *work.Unit, row *work.WebSession) (*Session, error) {
	if !u.Real.Before(row.IdleAt) || !u.Real.Before(row.ExpiresAt) {
		return nil, errSession
	}
	if err := u.Enter(row.PartnerID); err != nil {
		return nil, err
	}
	out := &Session{Kind: row.Kind, Asked: row.Asked, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt}
	var stamp []byte
	var err error
	if row.Kind == work.WebmailSession {
		stamp, err = judgeWebmail(u, row, out)
	} else {
		stamp, err = judgePanel(u, row, out)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(stamp, row.Stamp) {
		return nil, errSession
	}
	out.Asked = out.Asked.Heed(out.Brand.Themes)
	return out, nil
}

// judgeWebmail: as long as its account may log in.
func judgeWebmail(u *work.Unit, row *work.WebSession, out *Session) ([]byte, error) {
	c, err := routing.FindCandidate(u, row.AccountID)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errSession
	}
	if out.Account, err = u.Tx.Account(u.Ctx, c.AccountID); err != nil {
		return nil, err
	}
	o, err := u.Tx.Order(u.Ctx, c.OrderID)
	if err != nil {
		return nil, err
	}
	out.Actor = audit.Actor{PartnerID: c.PartnerID, Role: suspension.RoleAccount, Name: "webmail:" + strconv.FormatInt(c.AccountID, 10),
		Limit: audit.Limit{OrderID: c.OrderID, AccountID: c.AccountID}}
	return webmailStamp(c), showOrder(u, o, out)
}

// activePartner gives a partner, nil unless it is active.
func activePartner(u *work.Unit, id int64) (*partner.Partner, error) {
	p, err := u.Tx.Partner(u.Ctx, id)
	if err != nil || p == nil || p.Status != partner.Active {
		return nil, err
	}
	return p, nil
}

// vouched reports whether what a panel session was opened by is still good: an
// API key, a reseller's or an API user's word, or else the customer's password, which is in its stamp.
func vouched(u *work.Unit, row *work.WebSession) (bool, error) {
	switch {
	case row.ResellerID != 0:
		r, err := ticket.Vouching(u, row.ResellerID, row.PartnerID)
		return r != nil, err
	case row.APIUserID != 0:
		return ticket.APIUserVouches(u, row.APIUserID, row.PartnerID)
	case row.KeyID != 0:
		k, err := validKey(u, row.PartnerID, row.KeyID)
		return k != nil, err
	}
	return true, nil
}

// judgePanel: as long as what vouched for it is valid, its partner active, and
// the order the customer's.
func judgePanel(u *work.Unit, row *work.WebSession, out *Session) ([]byte, error) {
	p, err := activePartner(u, row.PartnerID)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, errSession
	}
	ok, err := vouched(u, row)
	if err != nil {
		return nil, err
	}
	c, err := u.Tx.Customer(u.Ctx, row.CustomerID)
	if err != nil {
		return nil, err
	}
	if !ok || c == nil || c.PartnerID != p.ID || c.Status != customer.Active {
		return nil, errSession
	}
	out.Customer = c
	out.Actor = audit.Actor{PartnerID: p.ID, Role: suspension.RoleAccountAdmin, Name: "panel:" + strconv.FormatInt(c.ID, 10),
		Limit: audit.Limit{CustomerID: c.ID, OrderID: row.OrderID}}
	if row.OrderID == 0 {
		out.Brand, err = tenancy.Brand(u, p.ID, c.ResellerID)
		return panelStamp(c), err
	}
	o, err := u.Tx.Order(u.Ctx, row.OrderID)
	if err != nil {
		return nil, err
	}
	if o == nil || o.CustomerID != c.ID || o.Status(u.Now) == order.Purged {
		return nil, errSession
	}
	return panelStamp(c), showOrder(u, o, out)
}

func showOrder(u *work.Unit, o *order.Order, out *Session) (err error) {
	if out.Order, err = u.Details(o, nil, nil); err != nil {
		return err
	}
	out.Notice = NoticeOf(out.Order)
	out.Brand, err = tenancy.BrandOf(u, o)
	return err
}

// NoticeOf gives what a page should tell about an order.
func NoticeOf(d *work.OrderDetails) Notice {
	switch {
	case d.Status == order.Pending:
		return NoticePending
	case d.Status == order.Suspended:
		return NoticeSuspended
	case d.Status == order.Deleted:
		return NoticeDeleted
	case !d.Order.Serviceable:
		return NoticeNotServiceable
	}
	return ""
}

// validKey gives a partner's key if it is valid now, else nil.
func validKey(u *work.Unit, partnerID, keyID int64) (*partner.Key, error) {
	keys, err := u.Tx.Keys(u.Ctx, partnerID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.ID == keyID && k.ValidAt(u.Real) {
			return k, nil
		}
	}
	return nil, nil
}

// A stamp changes with what a session stands on.

func panelStamp(c *customer.Customer) []byte {
	return stamp("panel", c.ID, c.PasswordHash)
}

func webmailStamp(c *routing.LoginCandidate) []byte {
	return stamp("webmail", c.AccountID, c.Stamp())
}

func stamp(kind string, id int64, on string) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", kind, id, on))
	return h[:]
}
