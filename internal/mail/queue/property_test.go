package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/mail/smtptest"
	"posthouse/internal/mailstore"
	"posthouse/internal/store/sqldb"
)

// script is what goes wrong next, drawn before each step: servers and
// transactions run in goroutines of their own, where nothing can be drawn.
type script struct {
	mu   sync.Mutex
	left []int
}

func (s *script) set(next []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = next
}

// next gives 0 when nothing is left.
func (s *script) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 0 {
		return 0
	}
	n := s.left[0]
	s.left = s.left[1:]
	return n
}

// shaky is a mail store that fails by its script at any of its methods, also in
// the middle of a transaction.
type shaky struct {
	Mailstore
	script script
}

var errShaky = errors.New("the disk is on fire")

func (s *shaky) fails() error {
	if s.script.next() == 1 {
		return errShaky
	}
	return nil
}

func (s *shaky) Put(ctx context.Context, r io.Reader) (*mailstore.Stored, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Mailstore.Put(ctx, r)
}

func (s *shaky) HoldTx(ctx context.Context, tx *sqldb.Tx, st *mailstore.Stored) (int64, error) {
	id, err := s.Mailstore.HoldTx(ctx, tx, st)
	if err == nil {
		err = s.fails()
	}
	return id, err
}

func (s *shaky) ReleaseTx(ctx context.Context, tx *sqldb.Tx, id int64) error {
	err := s.Mailstore.ReleaseTx(ctx, tx, id)
	if err == nil {
		err = s.fails()
	}
	return err
}

func (s *shaky) DeliverHeldTx(ctx context.Context, tx *sqldb.Tx, id int64, to []mailstore.Target) ([]mailstore.Delivered, error) {
	d, err := s.Mailstore.DeliverHeldTx(ctx, tx, id, to)
	if err == nil {
		err = s.fails()
	}
	return d, err
}

func (s *shaky) Open(ctx context.Context, account, id int64) (*mailstore.Content, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Mailstore.Open(ctx, account, id)
}

// replies of the servers, by the number in their script.
var replies = []*smtptest.Action{
	nil, smtptest.Reply("450 4.2.0 later"), smtptest.Reply("550 5.1.1 no"), smtptest.Reply("421 4.3.2 bye"), smtptest.HangUp(),
	smtptest.Reply("what?"), {Raw: "250 2.0.0 ok\r\n", Do: func(c net.Conn) { _ = c.Close() }, Close: true},
}

func TestEveryRecipientEndsOnceSQLite(t *testing.T)   { everyRecipientEndsOnce(t, sqldb.SQLite) }
func TestEveryRecipientEndsOncePostgres(t *testing.T) { everyRecipientEndsOnce(t, sqldb.Postgres) }

// everyRecipientEndsOnce lets servers answer at random, the mail store fail at
// random, nodes die between any two steps and wake up again after others took
// over, and the operator meddle. In the end every recipient is in exactly one
// final state or held, a local mailbox has exactly one copy if it was delivered
// and none if not, and nothing is left in the store that nobody needs.
func everyRecipientEndsOnce(t *testing.T, engine string) {
	store := &shaky{}
	b := newBench(t, engine, func(c *Config) {
		store.Mailstore = c.Mail
		c.Mail = store
	})
	server := &script{}
	sink := smtptest.Start(t, smtptest.Config{On: func(string, string) *smtptest.Action { return replies[server.next()] }})
	b.foreign("far.test", sink.Addr)
	b.dns.add("null.test. 60 IN MX 0 .")
	b.dir.boxes["alias@here.test"] = 2
	b.account(8, 10, "full@here.test", 5)
	rounds, failing := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		if rounds++; engine == sqldb.Postgres && rounds > 25 && !failing {
			return // the rest adds minutes and no engine difference
		}
		defer func() { failing = failing || rt.Failed() }()
		ctx := context.Background()
		nodes := []*Queue{b.another(), b.another()}
		var ids []string
		var zombies []struct {
			q *Queue
			b *batch
		}
		addresses := []string{"bob@here.test", "alias@here.test", "ann@here.test", "full@here.test", "nobody@here.test", "x@far.test", "y@far.test", "x@null.test", "x@absent.test"}
		answers := rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}), 0, 25)
		faults := rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 0, 20)
		trouble := func(rt *rapid.T) {
			server.set(answers.Draw(rt, "answers"))
			store.script.set(faults.Draw(rt, "faults"))
		}

		rt.Repeat(map[string]func(*rapid.T){
			"submit": func(rt *rapid.T) {
				if len(ids) >= 4 {
					return
				}
				trouble(rt)
				s := b.submission(1, rapid.SliceOfNDistinct(rapid.SampledFrom(addresses), 1, 5, rapid.ID).Draw(rt, "to")...)
				s.ID = fmt.Sprintf("%s-%d-%d", engine, rounds, len(ids))
				s.Recipients[0].Notify = rapid.SampledFrom([]string{"", "NEVER", "SUCCESS,FAILURE", "DELAY"}).Draw(rt, "notify")
				if err := nodes[0].Submit(ctx, s); err == nil {
					ids = append(ids, s.ID)
				} else if _, err := b.Show(ctx, s.ID); err == nil {
					rt.Fatal("refused, but queued")
				}
			},
			"work": func(rt *rapid.T) {
				trouble(rt)
				q := rapid.SampledFrom(nodes).Draw(rt, "node")
				if err := q.reap(ctx); err != nil {
					rt.Fatal(err)
				}
				got, _, err := q.lease(ctx, rapid.IntRange(1, 4).Draw(rt, "batches"))
				if err != nil {
					rt.Fatal(err)
				}
				for _, x := range got {
					switch rapid.SampledFrom([]string{"work", "work", "work", "die", "stop"}).Draw(rt, "fate") {
					case "work":
						b.try(ctx, q, x)
					case "stop":
						c, cancel := context.WithCancel(ctx)
						cancel()
						b.try(c, q, x)
					case "die": // comes back as a zombie
						zombies = append(zombies, struct {
							q *Queue
							b *batch
						}{q, x})
					}
					q.ended(x)
				}
			},
			"zombie": func(rt *rapid.T) {
				trouble(rt)
				if len(zombies) > 0 {
					z := zombies[0]
					zombies = zombies[1:]
					b.try(ctx, z.q, z.b)
				}
			},
			"time": func(rt *rapid.T) {
				b.clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 30, 130, 4000, 20000}).Draw(rt, "seconds")) * time.Second)
			},
			"operator": func(rt *rapid.T) {
				if len(ids) == 0 {
					return
				}
				trouble(rt)
				id := rapid.SampledFrom(ids).Draw(rt, "message")
				var err error
				switch rapid.SampledFrom([]string{"hold", "release", "fail", "retry"}).Draw(rt, "command") {
				case "hold":
					_, err = b.Hold(ctx, id, "")
				case "release":
					_, err = b.Release(ctx, id, "")
				case "fail":
					_, err = nodes[0].Fail(ctx, id, "", "")
				case "retry":
					_, err = b.Retry(ctx, id, "")
				}
				if err != nil && !errors.Is(err, errShaky) {
					rt.Fatal(err)
				}
			},
			"": func(*rapid.T) { b.check() },
		})

		// Everything works again; whatever is not held comes to its end in time.
		server.set(nil)
		store.script.set(nil)
		b.until(7 * 24 * time.Hour)
		for _, z := range zombies {
			b.try(ctx, z.q, z.b)
		}
		b.check()
		for _, id := range ids {
			b.verify(rt, id)
		}
		must(t, b.forget(ctx))
	})
	if n := b.countBusy(); n != 0 {
		t.Errorf("%d recipients still on their way", n)
	}
}

// try works a batch off once; a result that can't be written is not tried
// again, as if the node died there.
func (b *bench) try(ctx context.Context, q *Queue, x *batch) {
	begun := q.clock.Now()
	done, verdicts, err := q.attempt(ctx, x, begun)
	if done {
		return
	}
	if err != nil {
		if errors.Is(err, errLeaseLost) {
			return
		}
		verdicts = same(len(x.rcpts), verdict{outcome: outDeferred, status: "4.3.0", reply: "an internal error", stage: "internal"})
		if ctx.Err() != nil {
			verdicts = same(len(x.rcpts), verdict{})
		}
	}
	ctx = context.WithoutCancel(ctx)
	if err := q.settle(ctx, x, verdicts, nil, begun); err != nil && !errors.Is(err, errShaky) && !errors.Is(err, errLeaseLost) {
		b.t.Error(err)
	}
}

// verify checks the end of one message.
func (b *bench) verify(rt *rapid.T, id string) {
	ctx := context.Background()
	boxes := map[string]int64{"bob@here.test": 2, "alias@here.test": 2, "ann@here.test": 1, "full@here.test": 8}
	d, err := b.Show(ctx, id)
	if err != nil {
		rt.Fatal(err)
	}
	delivered := map[int64]int{}
	for _, r := range d.Recipients {
		if !r.State.Final() && r.State != Held {
			rt.Fatalf("%s: %s is %s", id, r.Address, r.State)
		}
		ends := 0
		for _, a := range r.Log {
			if a.Outcome == "delivered" || a.Outcome == "failed" {
				ends++
			}
		}
		if ends > 1 || (ends == 1) != (r.State == Delivered || r.State == Bounced) {
			rt.Fatalf("%s: %s is %s after %+v", id, r.Address, r.State, r.Log)
		}
		if r.State == Delivered && boxes[r.Address] != 0 {
			delivered[boxes[r.Address]]++
		}
	}
	for account := range map[int64]bool{1: true, 2: true, 8: true} {
		var copies int
		err := b.db.Read(ctx, func(tx *sqldb.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_entry e JOIN mail_folder f ON f.id = e.folder_id JOIN queue_message m ON m.message_id = e.message_id
				WHERE m.public_id = ? AND f.account_id = ?`, id, account).Scan(&copies)
		})
		if err != nil {
			rt.Fatal(err)
		}
		// Two addresses of one mailbox are one copy when delivered together, and
		// one each when one of them had to wait.
		if copies > delivered[account] || delivered[account] > 0 && copies == 0 {
			rt.Fatalf("%s: account %d has %d copies of %d deliveries", id, account, copies, delivered[account])
		}
	}
}

func (b *bench) countBusy() (n int) {
	ctx := context.Background()
	must(b.t, b.db.Read(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM queue_recipient WHERE state IN ('ready', 'leased')`).Scan(&n)
	}))
	return n
}
