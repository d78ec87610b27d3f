// Package copies decides which mailbox gets which copy of a message. A mailbox
// gets one, whatever ways lead to it. A copy that came directly is the message
// as it is; one that came by an alias, a forwarder or a catch-all tells by which
// address, in Delivered-To (RFC 9228). Copies with one value share their bytes,
// and no copy names an address that another was sent to.
package copies

import (
	"posthouse/internal/core/routing"
	"posthouse/internal/mailaddr"
)

// DeliveredTo is what the copy of a mailbox tells of the address that was asked
// for; "" = nothing.
func DeliveredTo(asked mailaddr.Address, via routing.Via) string {
	if via == routing.ViaDirect {
		return ""
	}
	return asked.Normal().String()
}

// Field is the header field for a value of DeliveredTo, "" for "".
func Field(deliveredTo string) string {
	if deliveredTo == "" {
		return ""
	}
	return "Delivered-To: " + deliveredTo + "\r\n"
}

// Plan says which mailboxes get a copy. The zero value is empty.
type Plan struct {
	accounts []int64
	tells    map[int64]string
}

// Add plans a copy for a mailbox: a direct way goes before any other, of others
// the first counts.
func (p *Plan) Add(account int64, deliveredTo string) {
	if p.tells == nil {
		p.tells = map[int64]string{}
	}
	if _, there := p.tells[account]; !there {
		p.accounts = append(p.accounts, account)
	} else if deliveredTo != "" {
		return
	}
	p.tells[account] = deliveredTo
}

// Has reports whether a mailbox gets a copy.
func (p *Plan) Has(account int64) bool {
	_, there := p.tells[account]
	return there
}

// Len is the number of mailboxes.
func (p *Plan) Len() int { return len(p.accounts) }

// Variant is one form of the message and the mailboxes that get it.
type Variant struct {
	DeliveredTo string // "" = the message as it is
	Accounts    []int64
}

// Variants groups the mailboxes by what their copies tell, in the order of planning.
func (p *Plan) Variants() []Variant {
	var out []Variant
	at := map[string]int{}
	for _, id := range p.accounts {
		tells := p.tells[id]
		i, there := at[tells]
		if !there {
			i = len(out)
			at[tells] = i
			out = append(out, Variant{DeliveredTo: tells})
		}
		out[i].Accounts = append(out[i].Accounts, id)
	}
	return out
}
