package sqldb

import (
	"strconv"
	"strings"
	"sync"
)

// rebinder turns `?` placeholders into `$1`, `$2`, … and remembers the result.
type rebinder struct {
	mu    sync.RWMutex
	known map[string]string
}

// maxRebound bounds the memory of texts: far above the number of texts in the
// source, which is what varies, apart from the lengths of IN lists (see In).
const maxRebound = 4096

func (r *rebinder) rebind(query string) string {
	r.mu.RLock()
	s, ok := r.known[query]
	r.mu.RUnlock()
	if ok {
		return s
	}
	s = rebind(query)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxRebound {
		r.known = make(map[string]string)
	}
	r.known[query] = s
	return s
}

// rebind leaves literals, quoted names and comments alone.
func rebind(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 16)
	n := 0
	for i := 0; i < len(query); {
		end := i + 1
		switch c := query[i]; {
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			i = end
			continue
		case c == '\'' || c == '"':
			end = after(query, end, string(c)) // a doubled quote starts the next literal
		case strings.HasPrefix(query[i:], "--"):
			end = after(query, end, "\n")
		case strings.HasPrefix(query[i:], "/*"):
			end = after(query, i+2, "*/")
		}
		b.WriteString(query[i:end])
		i = end
	}
	return b.String()
}

func after(s string, from int, mark string) int {
	if i := strings.Index(s[from:], mark); i >= 0 {
		return from + i + len(mark)
	}
	return len(s)
}

// In gives the placeholders and arguments of an IN list, as in
// "id IN (" + marks + ")". The list is filled up to a power of two with its
// last value, so that few different texts exist; at most MaxIn values.
func In(values []int64) (marks string, args []any) {
	n := 1
	for n < len(values) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		if len(values) == 0 {
			break // IN (NULL): true for nothing
		}
		args[i] = values[min(i, len(values)-1)]
	}
	return strings.Repeat("?,", n-1) + "?", args
}

// MaxIn is the greatest number of values that In should be given at once: both
// engines take 32,767 arguments, and a text should stay small.
const MaxIn = 1024
