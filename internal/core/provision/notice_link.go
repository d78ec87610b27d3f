package provision

import (
	"encoding/json"

	"posthouse/internal/core/notice"
	"posthouse/internal/fault"
)

// linkOf completes a draft whose mail has a link: how long it works and, if it
// leads to a page of the caller's, where.
func (u *unit) linkOf(d *notice.Draft) error {
	life := u.s.settings.PasswordTokenLife
	switch d.Kind {
	case notice.HolderPassword:
		life, d.LinkName = passwordHashLife, "h"
	case notice.HolderVerification:
		life, d.LinkName = verificationLife, "token"
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
func (u *unit) signatureFor(n *notice.Notice) (notice.Signature, error) {
	customerID := n.CustomerID
	if customerID == 0 && n.OrderID != 0 {
		o, err := u.tx.Order(u.ctx, n.OrderID)
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
	return u.signatureOf(customerID)
}
