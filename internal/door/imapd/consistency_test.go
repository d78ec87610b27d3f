package imapd_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"posthouse/internal/mailstore"
)

// mirror is what a client believes by untagged responses alone.
type mirror struct {
	uids    []uint32 // by message number; 0 = not asked yet
	flags   map[uint32]string
	qresync bool
}

var (
	reExists   = regexp.MustCompile(`^\* (\d+) EXISTS$`)
	reExpunge  = regexp.MustCompile(`^\* (\d+) EXPUNGE$`)
	reVanished = regexp.MustCompile(`^\* VANISHED (\(EARLIER\) )?(.*)$`)
	reFetch    = regexp.MustCompile(`^\* (\d+) FETCH \((.*)\)$`)
	reUID      = regexp.MustCompile(`\bUID (\d+)`)
	reFlags    = regexp.MustCompile(`FLAGS \(([^)]*)\)`)
)

// hear applies responses. quiet says that EXPUNGE is not allowed among them.
func (m *mirror) hear(t *rapid.T, lines []string, quiet bool) {
	for _, l := range lines {
		if f := reExists.FindStringSubmatch(l); f != nil {
			n, _ := strconv.Atoi(f[1])
			if n < len(m.uids) {
				t.Fatalf("EXISTS shrinks from %d to %d", len(m.uids), n)
			}
			for len(m.uids) < n {
				m.uids = append(m.uids, 0)
			}
		}
		if f := reExpunge.FindStringSubmatch(l); f != nil {
			n, _ := strconv.Atoi(f[1])
			if quiet {
				t.Fatalf("%q where none may be", l)
			}
			if n < 1 || n > len(m.uids) {
				t.Fatalf("%q with %d messages", l, len(m.uids))
			}
			m.uids = slices.Delete(m.uids, n-1, n)
		}
		if f := reVanished.FindStringSubmatch(l); f != nil {
			if !m.qresync || quiet && f[1] == "" {
				t.Fatalf("unexpected %q", l)
			}
			for _, u := range expand(f[2]) {
				if f[1] == "" {
					m.vanish(t, u)
				}
			}
		}
		if f := reFetch.FindStringSubmatch(l); f != nil {
			n, _ := strconv.Atoi(f[1])
			if n < 1 || n > len(m.uids) {
				t.Fatalf("%q with %d messages", l, len(m.uids))
			}
			if u := reUID.FindStringSubmatch(f[2]); u != nil {
				uid, _ := strconv.Atoi(u[1])
				if m.uids[n-1] != 0 && m.uids[n-1] != uint32(uid) {
					t.Fatalf("%q, but number %d is UID %d", l, n, m.uids[n-1])
				}
				m.uids[n-1] = uint32(uid)
			}
			if g := reFlags.FindStringSubmatch(f[2]); g != nil && m.uids[n-1] != 0 {
				m.flags[m.uids[n-1]] = normalFlags(g[1])
			}
		}
	}
}

// vanish drops the message with a UID. If its UID was never asked for, it is one
// between messages whose UIDs are lower and higher.
func (m *mirror) vanish(t *rapid.T, uid uint32) {
	i := slices.Index(m.uids, uid)
	for k := 0; i < 0 && k < len(m.uids) && m.uids[k] < uid; k++ {
		if m.uids[k] == 0 {
			i = k
		} else {
			i = -1
		}
		if i >= 0 && slices.ContainsFunc(m.uids[k:], func(u uint32) bool { return u != 0 && u < uid }) {
			i = -1
		}
	}
	if i < 0 {
		t.Fatalf("VANISHED %d, which was never told", uid)
	}
	m.uids = slices.Delete(m.uids, i, i+1)
}

func normalFlags(s string) string {
	f := slices.DeleteFunc(strings.Fields(s), func(s string) bool { return s == `\Recent` })
	slices.Sort(f)
	return strings.Join(f, " ")
}

func expand(set string) []uint32 {
	var out []uint32
	for r := range strings.SplitSeq(set, ",") {
		a, b, ok := strings.Cut(r, ":")
		lo, _ := strconv.Atoi(a)
		hi := lo
		if ok {
			hi, _ = strconv.Atoi(b)
		}
		for n := min(lo, hi); n <= max(lo, hi); n++ {
			out = append(out, uint32(n))
		}
	}
	return out
}

func storeFlags(f mailstore.Flags) string {
	var out []string
	for bit, name := range map[mailstore.SystemFlags]string{mailstore.Seen: `\Seen`, mailstore.Answered: `\Answered`, mailstore.Flagged: `\Flagged`, mailstore.Deleted: `\Deleted`, mailstore.Draft: `\Draft`} {
		if f.System&bit != 0 {
			out = append(out, name)
		}
	}
	out = append(out, f.Keywords...)
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestSessionsAgree: whatever two sessions and deliveries do to a mailbox, each
// session's picture, made of untagged responses only, equals the store after a NOOP.
func TestSessionsAgree(t *testing.T) {
	b := newBench(t, nil)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		box := fmt.Sprintf("Box%d", run)
		ctx := context.Background()
		folder, err := b.store.CreateFolder(ctx, account, box, "")
		must(t, err)
		inbox, err := b.store.Folder(ctx, account, "INBOX")
		must(t, err)
		arrive := func() {
			d := b.deliver(letter(run))
			_, err := b.store.Move(ctx, inbox.ID, []uint32{d.UID}, folder.ID)
			must(t, err)
		}
		for range rapid.IntRange(0, 6).Draw(rt, "messages") {
			arrive()
		}
		var cs [2]*client
		var ms [2]*mirror
		for i := range cs {
			cs[i] = b.loggedIn()
			ms[i] = &mirror{flags: map[uint32]string{}, qresync: rapid.Bool().Draw(rt, "qresync")}
			if ms[i].qresync {
				cs[i].ok("ENABLE QRESYNC")
			}
			ms[i].hear(rt, cs[i].ok("SELECT "+box), true)
			if len(ms[i].uids) > 0 {
				ms[i].hear(rt, cs[i].ok("FETCH 1:* (UID FLAGS)"), true)
			}
		}
		defer func() {
			for _, c := range cs {
				c.cmd("LOGOUT")
				c.conn.Close()
			}
		}()
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			i := rapid.IntRange(0, 1).Draw(rt, "session")
			c, m := cs[i], ms[i]
			n := len(m.uids)
			op := rapid.IntRange(0, 9).Draw(rt, "op")
			if n == 0 && op > 2 {
				op %= 3
			}
			number := func() string {
				lo, hi := rapid.IntRange(1, n).Draw(rt, "lo"), rapid.IntRange(1, n).Draw(rt, "hi")
				return fmt.Sprintf("%d:%d", lo, hi)
			}
			flag := rapid.SampledFrom([]string{`\Seen`, `\Deleted`, `\Deleted`, "Work"}).Draw(rt, "flag")
			sign := rapid.SampledFrom([]string{"+", "-", ""}).Draw(rt, "sign")
			silent := rapid.SampledFrom([]string{"", ".SILENT"}).Draw(rt, "silent")
			said := func(cmd string, quiet bool) {
				out := c.cmd(cmd)
				if last := out[len(out)-1]; strings.Contains(last, " BAD ") {
					rt.Fatalf("%s: %s", cmd, last)
				}
				m.hear(rt, out[:len(out)-1], quiet)
			}
			switch op {
			case 0:
				arrive()
			case 1:
				said("NOOP", false)
			case 2:
				said("EXPUNGE", false)
			case 3, 4:
				set := number()
				before := slices.Clone(m.uids)
				said(fmt.Sprintf("STORE %s %sFLAGS%s (%s)", set, sign, silent, flag), true)
				if silent != "" { // the client has to remember what it did itself
					m.forget(set, before)
				}
			case 5:
				said("FETCH "+number()+" (UID FLAGS)", true)
			case 6:
				said("UID FETCH 1:* FLAGS", false)
			case 7:
				said("SEARCH ALL", true)
			case 8:
				said("MOVE "+number()+" Trash", false)
			case 9:
				said("UID SEARCH RETURN (SAVE) ALL", false)
				said("UID STORE $ +FLAGS (Saved)", false)
			}
		}
		v, err := b.store.View(ctx, folder.ID)
		must(t, err)
		for i, c := range cs {
			m := ms[i]
			m.hear(rt, c.ok("NOOP"), false)
			told := maps.Clone(m.flags)
			m.hear(rt, c.ok("UID FETCH 1:* UID"), false)
			if len(m.uids) != len(v.Entries) {
				rt.Fatalf("session %d knows %d messages, the store has %d", i, len(m.uids), len(v.Entries))
			}
			for k, e := range v.Entries {
				if m.uids[k] != e.UID {
					rt.Fatalf("session %d: number %d is UID %d, not %d", i, k+1, e.UID, m.uids[k])
				}
				if got, ok := told[e.UID]; ok && got != storeFlags(e.Flags) {
					rt.Fatalf("session %d: UID %d has %q, told was %q", i, e.UID, storeFlags(e.Flags), got)
				}
			}
		}
	})
}

// forget drops what the client can't know for certain after a silent STORE.
func (m *mirror) forget(set string, before []uint32) {
	for _, n := range expand(set) {
		if int(n) <= len(before) {
			delete(m.flags, before[n-1])
		}
	}
}
