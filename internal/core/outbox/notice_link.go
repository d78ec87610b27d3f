package outbox

import (
	"encoding/json"
	"strings"
	"time"

	"posthouse/internal/core/notice"
	"posthouse/internal/core/work"
	"posthouse/internal/fault"
)

// How long the links that account holders are mailed work (B-12, B-13).
const (
	PasswordHashLife = 2 * time.Hour
	VerificationLife = 24 * time.Hour
)

// profileSignLength is in characters, of a value below our mails.
const profileSignLength = 200

// linkOf completes a draft whose mail has a link: how long it works and, if it
// leads to a page of the caller's, where.
func linkOf(u *work.Unit, d *notice.Draft) error {
	life := u.Platform.Settings.PasswordTokenLife
	switch d.Kind {
	case notice.HolderPassword:
		life, d.LinkName = PasswordHashLife, "h"
	case notice.HolderVerification:
		life, d.LinkName = VerificationLife, "token"
	default:
	}
	d.LinkExpires = d.CreatedAt.Add(life)
	if d.LinkName == "" {
		return nil
	}
	var data notice.HolderLinkData
	if err := json.Unmarshal(d.Data, &data); err != nil {
		return fault.Wrap(err)
	}
	d.Link = data.Link
	return nil
}

// signatureFor gives what the customer that a mail is for, or about, wants below it.
func signatureFor(u *work.Unit, n *notice.Notice) (notice.Signature, error) {
	customerID := n.CustomerID
	if customerID == 0 && n.OrderID != 0 {
		o, err := u.Tx.Order(u.Ctx, n.OrderID)
		if err != nil {
			return notice.Signature{}, err
		}
		if o != nil {
			customerID = o.CustomerID
		}
	}
	if customerID == 0 {
		return notice.Signature{}, nil
	}
	return signatureOf(u, customerID)
}

// signatureOf gives what stands below mails to a customer, or about him: business
// and e-mail of his first profile.
func signatureOf(u *work.Unit, customerID int64) (notice.Signature, error) {
	all, err := u.Tx.HolderProfiles(u.Ctx, customerID)
	if err != nil || len(all) == 0 {
		return notice.Signature{}, err
	}
	cut := func(s string) string {
		if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > profileSignLength {
			return string(r[:profileSignLength])
		} else {
			return string(r)
		}
	}
	return notice.Signature{Business: cut(all[0].Field("business")), Email: cut(all[0].Field("email"))}, nil
}
