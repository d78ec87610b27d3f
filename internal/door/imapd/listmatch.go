package imapd

import "strings"

// listPattern matches mailbox names (RFC 9051 section 6.3.9: `*` is anything,
// `%` anything without the separator). All ways to match are followed at once,
// as a set of bits, so the time is the product of the lengths over 64 and no
// pattern is worse than another.
type listPattern struct {
	literal  map[byte][]uint64 // states left by this octet
	any      []uint64          // states at `*`
	level    []uint64          // states at `%`
	states   int               // the last one means matched
	fold     *listPattern      // the same in upper case, for INBOX
	cur, nxt []uint64
}

func compilePattern(pattern string) *listPattern {
	l := compileExact(pattern)
	l.fold = compileExact(strings.ToUpper(pattern))
	return l
}

func compileExact(pattern string) *listPattern {
	// A run of wildcards is as good as one: `*` if it has one, else `%`.
	var p []byte
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if k := len(p); (c == '*' || c == '%') && k > 0 && (p[k-1] == '*' || p[k-1] == '%') {
			if c == '*' {
				p[k-1] = '*'
			}
			continue
		}
		p = append(p, c)
	}
	words := (len(p) + 1 + 63) / 64
	l := &listPattern{literal: make(map[byte][]uint64), any: make([]uint64, words), level: make([]uint64, words), states: len(p) + 1,
		cur: make([]uint64, words), nxt: make([]uint64, words)}
	for i, c := range p {
		bits := l.any
		switch c {
		case '*':
		case '%':
			bits = l.level
		default:
			if bits = l.literal[c]; bits == nil {
				bits = make([]uint64, words)
				l.literal[c] = bits
			}
		}
		bits[i/64] |= 1 << (i % 64)
	}
	return l
}

// match says whether name fits. Not for use by two goroutines at once.
func (l *listPattern) match(name string) bool {
	if name == "INBOX" && l.fold != nil { // section 5.1: INBOX in any case
		return l.fold.match(name)
	}
	clear(l.cur)
	l.cur[0] = 1
	l.skipWildcards()
	for i := 0; i < len(name); i++ {
		c := name[i]
		lit := l.literal[c]
		carry, alive := uint64(0), uint64(0)
		for w := range l.cur {
			stay := l.cur[w] & l.any[w]
			if c != '/' {
				stay |= l.cur[w] & l.level[w]
			}
			moved := uint64(0)
			if lit != nil {
				moved = l.cur[w] & lit[w]
			}
			l.nxt[w] = stay | moved<<1 | carry
			carry = moved >> 63
			alive |= l.nxt[w]
		}
		if alive == 0 {
			return false
		}
		l.cur, l.nxt = l.nxt, l.cur
		l.skipWildcards()
	}
	last := l.states - 1
	return l.cur[last/64]&(1<<(last%64)) != 0
}

// skipWildcards lets wildcards match nothing. No two are adjacent: once is enough.
func (l *listPattern) skipWildcards() {
	carry := uint64(0)
	for w := range l.cur {
		at := l.cur[w] & (l.any[w] | l.level[w])
		l.cur[w] |= at<<1 | carry
		carry = at >> 63
	}
}
