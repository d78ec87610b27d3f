package smtpd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"posthouse/internal/core/forwarder"
	"posthouse/internal/core/ordering"
	"posthouse/internal/core/routing"
	"posthouse/internal/core/work"
)

// TestAnyGraphOfForwards: whatever forwards to whatever, through two orders, the
// mail comes to an end and each mailbox and each address elsewhere that a way
// leads to gets one copy.
func TestAnyGraphOfForwards(t *testing.T) {
	o := newOutside(t)
	expiry := time.Now().AddDate(1, 0, 0).UTC().Truncate(24 * time.Hour)
	other := must(o.core.CreateMailOrder(o.ctx, o.partner, ordering.CreateMailOrder{Domain: "other.example", Plan: "pro_trial", Expiry: &expiry,
		Customer: work.CustomerProfile{CustomerID: "c2"}, FirstAccount: &ordering.FirstAccount{Email: "eve@other.example", Password: "eve's secret 1"}}))(t)
	orders := map[string]work.OrderRef{"shop.example": o.order, "other.example": {ID: other.OrderID}}
	boxes := map[string]int64{"ann@shop.example": o.ann, "bob@shop.example": o.bob, "eve@other.example": other.Account.AccountID}
	order := func(email string) work.OrderRef { return orders[email[strings.IndexByte(email, '@')+1:]] }

	for round := range 40 {
		random := rand.New(rand.NewPCG(uint64(round), 7))
		for email := range boxes {
			f := must(o.core.Forwards(o.ctx, o.partner, work.AccountRef{Order: order(email), Email: email}))(t)
			if len(f.User) > 0 {
				if err := o.core.RemoveForwards(o.ctx, o.partner, routing.ChangeForwards{Account: work.AccountRef{Order: order(email), Email: email}, Kind: forwarder.User, Forwards: f.User}); err != nil {
					t.Fatal(err)
				}
			}
		}
		nodes := []string{"x@far.test", "y@far.test", "ann@shop.example", "bob@shop.example", "eve@other.example"}
		edges := map[string][]string{}
		for _, email := range []string{"f@shop.example", "g@other.example", "h@shop.example", "i@other.example"} {
			email = fmt.Sprint(email[:1], round, email[1:])
			to := nodes[random.IntN(len(nodes))]
			if err := o.core.CreateForwardOnlyAccount(o.ctx, o.partner, routing.CreateForwardOnlyAccount{Order: order(email), Email: email, Forwards: []string{to}}); err != nil {
				t.Fatal(err)
			}
			nodes, edges[email] = append(nodes, email), []string{to}
		}
		for range random.IntN(14) {
			from, to := nodes[2+random.IntN(len(nodes)-2)], nodes[random.IntN(len(nodes))]
			if from == to || slices.Contains(edges[from], to) {
				continue
			}
			if err := o.core.AddForwards(o.ctx, o.partner, routing.ChangeForwards{Account: work.AccountRef{Order: order(from), Email: from}, Kind: forwarder.User, Forwards: []string{to}}); err != nil {
				t.Fatal(err)
			}
			edges[from] = append(edges[from], to)
		}
		start := nodes[2+random.IntN(len(nodes)-2)]
		reached := map[string]bool{start: true}
		for todo := []string{start}; len(todo) > 0; todo = todo[1:] {
			for _, to := range edges[todo[0]] {
				if !reached[to] {
					reached[to] = true
					todo = append(todo, to)
				}
			}
		}
		subject := fmt.Sprintf("Subject: round %d\r\n", round)
		c := hello(t, o.mx)
		c.do("MAIL FROM:<sender@far.test>", "250")
		if reply := c.do("RCPT TO:<"+start+">", ""); !strings.HasPrefix(reply, "250") {
			for email := range reached {
				if boxes[email] != 0 || strings.HasSuffix(email, "far.test") {
					t.Fatalf("round %d: %s is refused: %s; %v", round, start, reply, edges)
				}
			}
			continue
		}
		c.do("DATA", "354")
		c.do(subject+"From: sender@far.test\r\n\r\nhello\r\n.", "250")
		o.settled()
		for email, id := range boxes {
			n := 0
			for _, m := range o.inbox(id) {
				if strings.Contains(m, subject) {
					n++
				}
			}
			if want := map[bool]int{true: 1}[reached[email]]; n != want {
				t.Errorf("round %d: from %s: %s has %d copies, want %d; %v", round, start, email, n, want, edges)
			}
		}
		got := map[string]int{}
		for _, m := range o.world.Messages() {
			if strings.Contains(m.Content, subject) && from(m) != "" {
				for _, r := range m.Recipients {
					r, _, _ = strings.Cut(r, " ")
					got[strings.Trim(r, "<>")]++
				}
			}
		}
		for _, email := range nodes[:2] {
			if want := map[bool]int{true: 1}[reached[email]]; got[email] != want {
				t.Errorf("round %d: from %s: %s has %d copies, want %d; %v", round, start, email, got[email], want, edges)
			}
		}
	}
}
