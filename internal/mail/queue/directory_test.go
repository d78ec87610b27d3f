package queue

import (
	"context"
	"strings"
	"sync"
	"time"

	"posthouse/internal/core/dnssetup"
	"posthouse/internal/core/routing"
	"posthouse/internal/fault"
)

// directory is a Directory that tests fill.
type directory struct {
	mu         sync.Mutex
	domains    map[string]routing.Routing
	boxes      map[string]int64
	others     map[string]*routing.Recipient // reached by other ways
	refuse     map[string]error
	senders    map[int64]*routing.Sender
	keys       map[string][]dnssetup.DKIMSigner
	down       error
	still      map[int64]bool // orders that may not forward
	responders map[int64]*routing.Responder
}

func newDirectory() *directory {
	return &directory{domains: map[string]routing.Routing{}, boxes: map[string]int64{}, others: map[string]*routing.Recipient{}, refuse: map[string]error{},
		senders: map[int64]*routing.Sender{}, keys: map[string][]dnssetup.DKIMSigner{}}
}

func (d *directory) domain(name string, r routing.Routing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.domains[name] = r
}

func (d *directory) account(id, partner int64, email string) {
	_, domain, _ := strings.Cut(email, "@")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.boxes[email] = id
	d.senders[id] = &routing.Sender{AccountID: id, PartnerID: partner, Domain: domain, Addresses: []string{email}, MaySend: true, Sandbox: d.domains[domain].Sandbox}
}

// leads makes an address lead to accounts.
func (d *directory) leads(email string, via routing.Via, accounts ...int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &routing.Recipient{Via: via, PartnerID: 10}
	for _, id := range accounts {
		r.Targets = append(r.Targets, routing.Target{AccountID: id})
	}
	d.others[email] = r
}

func (d *directory) sender(id int64) *routing.Sender {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.senders[id]
}

func (d *directory) ResolveRecipient(_ context.Context, local, domain string) (*routing.Recipient, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	email := local + "@" + domain
	if err := d.refuse[email]; err != nil {
		return nil, err
	}
	if id, ok := d.boxes[email]; ok {
		return &routing.Recipient{Via: routing.ViaDirect, Targets: []routing.Target{{AccountID: id, Email: email}}}, d.down
	}
	if r := d.others[email]; r != nil {
		return r, d.down
	}
	return nil, fault.New(fault.AccountNotFound, "No such mailbox").WithReason("NO_SUCH_MAILBOX")
}

func (d *directory) DomainRouting(_ context.Context, domain string) (*routing.Routing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.domains[domain]
	return &r, d.down
}

func (d *directory) Sender(_ context.Context, id int64) (*routing.Sender, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.senders[id]
	if s == nil {
		return nil, fault.New(fault.AccountNotFound, "No such account")
	}
	c := *s
	return &c, d.down
}

func (d *directory) PartnerTime(_ context.Context, partner int64) (time.Time, error) {
	return epoch.Add(time.Duration(partner) * time.Hour), d.down
}

func (d *directory) MayForward(_ context.Context, order int64) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.still[order], d.down
}

func (d *directory) Responders(_ context.Context, accounts []int64) (out []*routing.Responder, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range accounts {
		if r := d.responders[id]; r != nil {
			out = append(out, r)
		}
	}
	return out, d.down
}

func (d *directory) EnsureDKIMKeys(_ context.Context, domain string) ([]dnssetup.DKIMSigner, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.keys[domain], d.down
}
