package imapd_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"posthouse/internal/mailstore"
)

var (
	reValidity = regexp.MustCompile(`\[UIDVALIDITY (\d+)\]`)
	reHighest  = regexp.MustCompile(`\[HIGHESTMODSEQ (\d+)\]`)
)

// TestResync: a client that was away knows the mailbox again after one SELECT
// with QRESYNC, or one UID FETCH with CHANGEDSINCE and VANISHED.
func TestResync(t *testing.T) {
	b := newBench(t, nil)
	ctx := context.Background()
	inbox, err := b.store.Folder(ctx, account, "INBOX")
	must(t, err)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		folder, err := b.store.CreateFolder(ctx, account, fmt.Sprintf("Box%d", run), "")
		must(t, err)
		trash, err := b.store.Folder(ctx, account, "Trash")
		must(t, err)
		change := func(label string) {
			for range rapid.IntRange(0, 12).Draw(rt, label) {
				v, err := b.store.View(ctx, folder.ID)
				must(t, err)
				op := rapid.IntRange(0, 3).Draw(rt, "op")
				if len(v.Entries) == 0 {
					op = 0
				}
				pick := func() []uint32 {
					var uids []uint32
					for i := range v.Entries {
						if rapid.Bool().Draw(rt, "pick") {
							uids = append(uids, v.Entries[i].UID)
						}
					}
					return uids
				}
				switch op {
				case 0:
					d := b.deliver(letter(run))
					_, err = b.store.Move(ctx, inbox.ID, []uint32{d.UID}, folder.ID)
				case 1:
					_, _, err = b.store.StoreFlags(ctx, folder.ID, pick(), mailstore.FlagOp(rapid.IntRange(0, 2).Draw(rt, "flagop")), mailstore.Flags{System: mailstore.Seen, Keywords: []string{"Work"}}, 0)
				case 2:
					uids := pick()
					if _, _, err = b.store.StoreFlags(ctx, folder.ID, uids, mailstore.AddFlags, mailstore.Flags{System: mailstore.Deleted}, 0); err == nil {
						_, _, err = b.store.Expunge(ctx, folder.ID, append([]uint32{0}, uids...))
					}
				case 3:
					if uids := pick(); len(uids) > 0 {
						_, err = b.store.Move(ctx, folder.ID, uids, trash.ID)
					}
				}
				must(t, err)
			}
		}
		change("before")
		c := b.loggedIn()
		defer func() { c.cmd("LOGOUT"); c.conn.Close() }()
		c.ok("ENABLE QRESYNC")
		m := &mirror{flags: map[uint32]string{}, qresync: true}
		out := c.ok(fmt.Sprintf("SELECT Box%d", run))
		m.hear(rt, out, true)
		validity, highest := find(rt, out, reValidity), find(rt, out, reHighest)
		m.hear(rt, c.ok("UID FETCH 1:* FLAGS"), true)
		c.ok("UNSELECT")
		change("away")

		known := map[uint32]string{}
		for _, u := range m.uids {
			known[u] = m.flags[u]
		}
		viaFetch := rapid.Bool().Draw(rt, "fetch")
		if viaFetch {
			c.ok(fmt.Sprintf("SELECT Box%d", run))
			out = c.ok(fmt.Sprintf("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d VANISHED)", highest))
		} else {
			out = c.ok(fmt.Sprintf("SELECT Box%d (QRESYNC (%d %d))", run, validity, highest))
		}
		for _, l := range out {
			if f := reVanished.FindStringSubmatch(l); f != nil {
				for _, u := range expand(f[2]) {
					delete(known, u)
				}
			}
			if f := reFetch.FindStringSubmatch(l); f != nil {
				known[uint32(find(rt, []string{l}, reUID))] = normalFlags(reFlags.FindStringSubmatch(l)[1])
			}
		}
		v, err := b.store.View(ctx, folder.ID)
		must(t, err)
		if len(known) != len(v.Entries) {
			rt.Fatalf("the client knows %v, the store has %d messages; said was %q", known, len(v.Entries), out)
		}
		for _, e := range v.Entries {
			if got, ok := known[e.UID]; !ok || got != storeFlags(e.Flags) {
				rt.Fatalf("UID %d: %q (%v), the store has %q; said was %q", e.UID, got, ok, storeFlags(e.Flags), out)
			}
		}
	})
}

func find(t *rapid.T, lines []string, re *regexp.Regexp) uint64 {
	for _, l := range lines {
		if f := re.FindStringSubmatch(l); f != nil {
			n, err := strconv.ParseUint(f[1], 10, 64)
			if err == nil {
				return n
			}
		}
	}
	t.Fatalf("no %v in %q", re, lines)
	return 0
}
