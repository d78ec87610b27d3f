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
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the moments")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *kills, *connections, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "killloop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kills, connections int, seed uint64) error {
	dir, err := os.MkdirTemp("", "posthouse-kill-")
	if err != nil {
		return err
	}
	bin, err := harness.Build(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Printf("killloop: %d kills, %d connections, seed %d, store in %s\n", kills, connections, seed, dir)
	r, err := loop.Run(ctx, loop.Config{
		Kills: kills, Connections: connections, Seed: seed, Progress: os.Stdout,
		Server: harness.Options{Binary: bin, Dir: dir},
	})
	if err != nil {
		return err // the store stays for the autopsy
	}
	fmt.Printf("killloop: %d kills, %d messages answered 250, all there once; %d without an answer, %d in the mailbox\n%s\n",
		r.Kills, r.Answered, r.Unknown, r.Found, r.Verify)
	return os.RemoveAll(dir)
}
