// Command killloop kills a server with SIGKILL in the middle of a delivery load
// and checks that every message answered 250 is there afterwards, once.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"posthouse/test/harness"
	"posthouse/test/killloop/loop"
)

func main() {
	kills := flag.Int("kills", 200, "how often to kill")
	connections := flag.Int("connections", 8, "SMTP connections at the same time")
	dsn := flag.String("dsn", "", "an empty PostgreSQL database instead of the embedded store")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the moments")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *kills, *connections, *seed, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "killloop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kills, connections int, seed uint64, dsn string) error {
	dir, err := os.MkdirTemp("", "posthouse-kill-")
	if err != nil {
		return err
	}
	bin, err := harness.Build(ctx, dir)
	if err != nil {
		return err
	}
	var env []string
	if dsn != "" {
		env = []string{"POSTHOUSE_STORE_ENGINE=postgres", "POSTHOUSE_STORE_DSN=" + dsn}
	}
	fmt.Printf("killloop: %d kills, %d connections, seed %d, store in %s\n", kills, connections, seed, dir)
	r, err := loop.Run(ctx, loop.Config{
		Kills: kills, Connections: connections, Seed: seed, Progress: os.Stdout,
		Server: harness.Options{Binary: bin, Dir: dir, Env: env},
	})
	if err != nil {
		return err // the store stays for the autopsy
	}
	fmt.Printf("killloop: %d kills, %d messages answered 250, all there once; %d without an answer, %d in the mailbox\n%s\n",
		r.Kills, r.Answered, r.Unknown, r.Found, r.Verify)
	return os.RemoveAll(dir)
}
