package login

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"posthouse/internal/fault"
)

func TestAddressLimit(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	for i := range 5 {
		b.refused(fault.Unauthenticated, fmt.Sprintf("u%d@example.com", i), "guess", stranger)
	}
	if n := b.hashes(func() { b.refused(fault.TooMany, "u9@example.com", "guess", stranger) }); n != 0 {
		t.Errorf("refused at the cost of %d hashes", n)
	}
	b.refused(fault.TooMany, "kim@example.com", "pw", stranger)
	b.mustTry("kim@example.com", "pw", office)
	// Back-off: the next token takes twice the time.
	b.clock.Advance(19 * time.Second)
	b.refused(fault.TooMany, "u9@example.com", "guess", stranger)
	b.clock.Advance(time.Hour)
	b.refused(fault.Unauthenticated, "u9@example.com", "guess", stranger)
}

func TestAccountLimitSparesWhoWasHereBefore(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	b.mustTry("kim@example.com", "pw", office)
	for i := range 3 {
		b.refused(fault.Unauthenticated, "kim@example.com", fmt.Sprint("guess", i), netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
	}
	b.refused(fault.TooMany, "kim@example.com", "guess9", stranger)
	b.refused(fault.TooMany, "kim@example.com", "pw", stranger) // right, but never seen there
	b.mustTry("kim@example.com", "pw", office)
	b.refused(fault.TooMany, "kim@example.com", "guess10", office)
}

func TestUnknownAccountIsLimitedAlike(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	for i := range 3 {
		from := netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
		b.refused(fault.Unauthenticated, "kim@example.com", fmt.Sprint("guess", i), from)
		b.refused(fault.Unauthenticated, "nobody@example.com", fmt.Sprint("guess", i), from)
	}
	b.refused(fault.TooMany, "kim@example.com", "guess", stranger)
	b.refused(fault.TooMany, "nobody@example.com", "guess", stranger)
}

func TestSuccessForgetsFailuresOfTheAccount(t *testing.T) {
	b := newBench(t, func(c *Config) { c.AddressLimit.Failures = 100 })
	b.account(1, "kim@example.com", "pw")
	for round := range 5 {
		for i := range 2 {
			b.refused(fault.Unauthenticated, "kim@example.com", fmt.Sprint("typo", round, i), office)
		}
		b.account(1, "kim@example.com", "pw") // a new salt: verified by hash again
		b.mustTry("kim@example.com", "pw", office)
	}
}

func TestSameWrongPasswordAgainDoesNotLockOut(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	n := b.hashes(func() {
		for range 200 {
			b.refused(fault.Unauthenticated, "kim@example.com", "last year's", office)
		}
	})
	if n != 1 {
		t.Errorf("%d hashes", n)
	}
	b.mustTry("kim@example.com", "pw", office)
}

// Even remembered passwords can't be tried without end from one network.
func TestNarrowGateShuts(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	b.mustTry("kim@example.com", "pw", office)
	for i := range 40 {
		_, err := b.try("kim@example.com", fmt.Sprint("guess", i), office)
		if err == nil {
			t.Fatal("a guess was right")
		}
	}
	b.refused(fault.TooMany, "kim@example.com", "pw", office)
	lookups := b.dir.lookups
	b.refused(fault.TooMany, "kim@example.com", "pw", office)
	if b.dir.lookups != lookups {
		t.Error("a shut address still costs a look-up")
	}
}

func TestParallelGuessesCannotOverrunTheLimit(t *testing.T) {
	b := newBench(t, func(c *Config) { c.AddressLimit.Failures = 1000 })
	b.account(1, "kim@example.com", "pw")
	n := b.hashes(func() {
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if _, err := b.try("kim@example.com", fmt.Sprint("guess", i), stranger); err == nil {
					t.Error("a guess was right")
				}
			}()
		}
		wg.Wait()
	})
	if n > 3 {
		t.Errorf("%d guesses were judged, the limit is 3", n)
	}
}

// After a restart a whole office logs in at once, each account for the first
// time: nobody is refused for failures that never happen.
func TestManyFirstLoginsOfOneAddress(t *testing.T) {
	b := newBench(t, nil)
	for i := range 40 {
		b.account(int64(i+1), fmt.Sprintf("u%d@example.com", i), "pw")
	}
	n := b.hashes(func() {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				s, err := b.try(fmt.Sprintf("u%d@example.com", i%40), "pw", office)
				if err != nil {
					t.Errorf("log-in: %v", err)
					return
				}
				s.Close()
			}()
		}
		wg.Wait()
	})
	if n != 40 {
		t.Errorf("%d hashes for 40 accounts", n)
	}
}

// Between a look into what is remembered and the flight of the same attempt
// another's flight may land: its verdict stands, at no hash and no token.
func TestVerdictOfAFlightThatLandedMeanwhile(t *testing.T) {
	b := newBench(t, nil)
	b.account(1, "kim@example.com", "pw")
	late := func(password string) error {
		a := try{s: b.Service, email: "kim@example.com", password: password, from: office}
		candidates := b.dir.candidates["kim@example.com"]
		digests := []digest{b.memory.digest(1, candidates[0].Stamp(), password)}
		_, _, err := a.share(t.Context(), candidates, digests, []int{0})
		return err
	}
	b.mustTry("kim@example.com", "pw", office)
	b.refused(fault.Unauthenticated, "kim@example.com", "guess", office)
	n := b.hashes(func() {
		if err := late("pw"); err != nil {
			t.Errorf("the right password: %v", err)
		}
		for range 100 { // more than the limits bear
			if err := late("guess"); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a wrong one: %v", err)
			}
		}
	})
	if n != 0 {
		t.Errorf("%d hashes more", n)
	}
	b.mustTry("kim@example.com", "pw", office)
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1":             "192.0.2.1",
		"::ffff:192.0.2.1":      "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::",
		"2001:db8:1:2::9":       "2001:db8:1:2::",
		"fe80::1%eth0":          "fe80::",
		"2001:db8:1:3:ffff::42": "2001:db8:1:3::",
	} {
		if got := network(netip.MustParseAddr(in)); got != netip.MustParseAddr(want) {
			t.Errorf("%s counts as %s, want %s", in, got, want)
		}
	}
}

// Whatever happens, in any span nobody gets more judged attempts than a full
// bucket and what was refilled at the fastest.
func TestLimiterNeverLetsMoreThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Limit{
			Failures:   rapid.IntRange(1, 20).Draw(t, "failures"),
			Refill:     time.Duration(rapid.IntRange(1, 60).Draw(t, "refill")) * time.Second,
			MaxBackoff: 10 * time.Minute,
		}
		m := newLimiter[int](l, 4)
		now, taken := start, 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "pause")) * time.Second)
			if g, wait := m.begin(1, now); g == open && wait == nil {
				if rapid.IntRange(0, 4).Draw(t, "outcome") == 0 {
					m.pass(1)
				} else {
					m.fail(1, now)
					taken++
				}
			}
			most := l.Failures + int(now.Sub(start)/l.Refill)
			if taken > most {
				t.Fatalf("%d failures within %v", taken, now.Sub(start))
			}
		}
	})
}

func TestLRUForgetsTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 8).Draw(t, "size")
		l := newLRU[int, int](size)
		var recent []int // newest first
		touch := func(k int) {
			for i, v := range recent {
				if v == k {
					recent = append(recent[:i:i], recent[i+1:]...)
					break
				}
			}
			recent = append([]int{k}, recent...)
			recent = recent[:min(len(recent), size)]
		}
		for range 100 {
			k := rapid.IntRange(0, 12).Draw(t, "key")
			held := false
			for _, v := range recent {
				held = held || v == k
			}
			switch rapid.IntRange(0, 2).Draw(t, "op") {
			case 0:
				l.put(k, k)
				touch(k)
			case 1:
				if got := l.get(k); (got != nil) != held || got != nil && *got != k {
					t.Fatalf("get(%d) = %v, held %v", k, got, held)
				}
				if held {
					touch(k)
				}
			case 2:
				l.drop(k)
				for i, v := range recent {
					if v == k {
						recent = append(recent[:i:i], recent[i+1:]...)
						break
					}
				}
			}
			if l.len() != len(recent) {
				t.Fatalf("%d items, want %d", l.len(), len(recent))
			}
		}
	})
}
