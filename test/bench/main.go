// Command bench measures Posthouse beside Postfix with Dovecot on the same disk
// and writes docs/benchmarks.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"posthouse/test/bench/load"
	"posthouse/test/bench/peer"
	"posthouse/test/harness"
)

// own is our column.
const own = "Posthouse"

// sizes scale the whole: -quick is for trying the harness, its page is not kept.
type sizes struct {
	rounds, slowRounds         int // of deliveries; of the parts that take minutes
	deliveries, peerDeliveries int
	large, peerLarge           int
	mailbox                    int
	idle                       int
	orders, accounts           int
	hookOrders, hookBacklog    int
	hookSeconds                int
	due                        int
	transactions, pairs        int
}

var (
	full = sizes{rounds: 3, slowRounds: 2, deliveries: 8000, peerDeliveries: 1200, large: 800, peerLarge: 300, mailbox: 50000, idle: 2000, orders: 100000, accounts: 5000,
		hookOrders: 2000, hookBacklog: 20000, hookSeconds: 20, due: 100000, transactions: 1000000, pairs: 10000}
	quick = sizes{rounds: 1, slowRounds: 1, deliveries: 4000, peerDeliveries: 200, large: 100, peerLarge: 50, mailbox: 3000, idle: 200, orders: 2000, accounts: 500,
		hookOrders: 200, hookBacklog: 2000, hookSeconds: 5, due: 5000, transactions: 20000, pairs: 1000}
)

func main() {
	isQuick := flag.Bool("quick", false, "a small run that writes to standard output")
	alone := flag.Bool("alone", false, "without the peers, one round, to standard output")
	rounds := flag.Int("rounds", full.rounds, "rounds of deliveries")
	slowRounds := flag.Int("slow-rounds", full.slowRounds, "rounds of the parts that take minutes")
	only := flag.String("only", "", "comma-separated parts: deliveries, mailbox, idle, titan, webhooks, lifecycle, resellerclub, transactions")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, page := full, "docs/benchmarks.md"
	s.rounds, s.slowRounds = *rounds, *slowRounds
	if *isQuick || *alone || *only != "" {
		page = "/dev/stdout"
	}
	if *isQuick {
		s = quick
	}
	if *alone {
		s.rounds, s.slowRounds = 1, 1
	}
	if err := run(ctx, s, page, *only, *alone); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s sizes, page, only string, alone bool) error {
	started := time.Now().UTC().Format("2006-01-02 15:04 MST")
	dir, err := os.MkdirTemp("/var/tmp", "posthouse-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := harness.Build(ctx, dir)
	if err != nil {
		return err
	}
	r := &report{servers: []string{own}}
	starters := []starter{{own, func(ctx context.Context) (*target, error) { return startPosthouse(ctx, bin, dir) }}}
	if missing := peer.Missing(); alone {
		r.notes = append(r.notes, "without the peers, as asked")
	} else if len(missing) > 0 {
		r.notes = append(r.notes, "no peers: Debian's "+strings.Join(missing, ", ")+" are not installed")
	} else {
		if n := inotifyInstances(); n < s.idle {
			r.notes = append(r.notes, fmt.Sprintf("Dovecot is told of new mail by inotify; this machine allows %d instances a user (fs.inotify.max_user_instances), "+
				"beyond which its idle sessions look every 30 s: its figure for waking them says nothing", n))
		}
		for _, f := range []peer.Format{peer.Maildir, peer.Mdbox} {
			name := "Postfix + Dovecot " + string(f)
			r.servers = append(r.servers, name)
			starters = append(starters, starter{name, func(ctx context.Context) (*target, error) { return startPeer(ctx, f) }})
		}
	}
	if only == "" || strings.Contains(only, "transactions") {
		fmt.Println("transactions")
		if err := transactions(ctx, r, s, dir); err != nil {
			return fmt.Errorf("transactions: %w", err)
		}
		if err := r.write(page, started, s); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name   string
		rounds int
		run    func(context.Context, *report, sizes, *target) error
	}{{"deliveries", s.rounds, deliveries}, {"titan", 1, titan}, {"webhooks", 1, webhooks}, {"lifecycle", 1, lifecycle}, {"resellerclub", 1, resellerclub}, {"mailbox", s.slowRounds, mailbox}, {"idle", s.slowRounds, idle}} {
		if only != "" && !strings.Contains(only, part.name) {
			continue
		}
		for round := range part.rounds {
			for _, st := range starters {
				if (part.name == "titan" || part.name == "webhooks" || part.name == "lifecycle" || part.name == "resellerclub") && st.name != own {
					continue // the peers have no such API
				}
				fmt.Printf("%s, round %d of %d: %s\n", part.name, round+1, part.rounds, st.name)
				err := st.measure(ctx, func(ctx context.Context, t *target) error { return part.run(ctx, r, s, t) })
				switch {
				case err != nil && (st.name == own || ctx.Err() != nil):
					return fmt.Errorf("%s: %s: %w", part.name, st.name, err)
				case err != nil: // a peer's failure is a fact about this run, not its end
					r.notes = append(r.notes, fmt.Sprintf("%s, round %d: %s failed: %v", part.name, round+1, st.name, err))
				}
			}
		}
		// What is measured so far is on the page, should a later part fail.
		if err := r.write(page, started, s); err != nil {
			return err
		}
	}
	return nil
}

// target is a running server with a few mailboxes.
type target struct {
	name       string
	smtp, imap string
	pids       []int
	dir        string // what it keeps on disk
	box        func(n int) load.Login
	server     *harness.Server // Posthouse only
	stop       func() error
}

type starter struct {
	name  string
	start func(context.Context) (*target, error)
}

func (st starter) measure(ctx context.Context, fn func(context.Context, *target) error) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	t, err := st.start(ctx)
	if err != nil {
		return err
	}
	t.name = st.name
	err = fn(ctx, t)
	if stopErr := t.stop(); err == nil {
		err = stopErr
	}
	return err
}

func startPeer(ctx context.Context, f peer.Format) (*target, error) {
	p, err := peer.Start(ctx, f)
	if err != nil {
		return nil, err
	}
	return &target{smtp: p.SMTP, imap: p.IMAP, pids: p.PIDs, dir: p.MailDir, stop: p.Stop,
		box: func(n int) load.Login {
			return load.Login{User: fmt.Sprintf("box%d@bench.test", n), Password: peer.Password}
		}}, nil
}

// boxes is how many mailboxes deliveries are spread over.
const boxes = 10

func startPosthouse(ctx context.Context, bin, parent string) (*target, error) {
	dir, err := os.MkdirTemp(parent, "server-")
	if err != nil {
		return nil, err
	}
	srv, err := harness.Start(ctx, harness.Options{Binary: bin, Dir: dir, Env: []string{
		"POSTHOUSE_IMAP_PLAINTEXT_LOGIN=true", "POSTHOUSE_IMAP_MAX_CONNECTIONS_PER_HOST=5000",
		"POSTHOUSE_SMTP_MAX_CONNECTIONS_PER_HOST=500", "POSTHOUSE_LOG_LEVEL=warn", "POSTHOUSE_HTTP_PROFILING=true"}})
	if err != nil {
		return nil, err
	}
	t := &target{smtp: srv.Addr("mx"), imap: srv.Addr("imap"), pids: []int{srv.PID}, dir: dir, server: srv,
		box: func(n int) load.Login {
			return load.Login{User: fmt.Sprintf("box%d@bench.test", n), Password: peer.Password}
		},
	}
	t.stop = func() error {
		err := t.server.Stop()
		if rmErr := os.RemoveAll(dir); err == nil {
			err = rmErr
		}
		return err
	}
	if err := furnish(ctx, srv); err != nil {
		_ = t.stop() // the first error is the one to tell
		return nil, err
	}
	return t, nil
}

// furnish lifts the sandbox partner's rate limit and makes the mailboxes.
func furnish(ctx context.Context, srv *harness.Server) error {
	if _, err := srv.CLI(ctx, "partner", "settings", fmt.Sprint(srv.Ready.Partner.ID), `{"ratePerSecond": 0}`); err != nil {
		return err
	}
	order, err := srv.Titan(ctx, "createMailOrder", map[string]any{"domainName": "bench.test", "customerId": "bench", "planType": "ultra",
		"noOfAccounts": boxes, "chargedAmount": "1.00", "expiryDate": "2035-01-01"})
	if err != nil {
		return err
	}
	if order.Status != 200 {
		return fmt.Errorf("createMailOrder: %s", order.Raw)
	}
	for n := range boxes {
		a, err := srv.Titan(ctx, "createEmailAccount", map[string]any{"titanOrderId": order.Body["titanOrderId"],
			"email": fmt.Sprintf("box%d@bench.test", n), "password": peer.Password})
		if err != nil {
			return err
		}
		if a.Status != 200 {
			return fmt.Errorf("createEmailAccount: %s", a.Raw)
		}
	}
	return nil
}
