package webhook

import (
	"slices"
	"time"

	"posthouse/internal/core/outbox"
	"posthouse/internal/core/webhook"
)

// An endpoint that has failed this often in a row is probed: few attempts at a
// time, few a second, out of a share of the places that all such endpoints have
// together, until one succeeds.
const (
	probeAfter    = 8
	probePlaces   = 2                      // attempts under way to one probed endpoint
	probeEvery    = 100 * time.Millisecond // between the starts of two of them: what fails once a minute gets its turn up to 600 orders
	probeFraction = 4                      // probes have this part of all places
)

// endpoint is what one dispatcher knows of a receiver. It belongs to the
// scheduler's goroutine.
type endpoint struct {
	id       int64
	def      *webhook.Endpoint
	due      time.Time // when its first lane falls due; zero = nothing waits
	busy     int       // attempts under way
	failures int       // in a row
	limit    int       // attempts at the same time, for now
	probed   time.Time // the last start of a probe
	turn     bool      // whose turn it is: what failed before, or what is fresh

	creds   *outbox.WebhookCredentials
	credsAt time.Time
}

func (e *endpoint) probing() bool { return e.failures >= probeAfter }

// ended counts an attempt.
func (e *endpoint) ended(ok bool, most int) {
	e.busy--
	if ok {
		e.failures = 0
		e.limit = min(most, max(1, e.limit)*2)
		return
	}
	if e.failures++; e.probing() {
		e.limit = probePlaces
	}
}

// book is all endpoints and whose turn it is.
type book struct {
	byID    map[int64]*endpoint
	order   []int64 // IDs, ascending
	next    int64   // turns go on behind this ID
	busy    int
	probing int           // attempts under way at probed endpoints
	share   int           // the most that one partner has under way
	busyOf  map[int64]int // attempts under way by partner
}

// partnerShare is the part of all places that one partner's endpoints may take
// together: receivers that answer rightly but slowly are not probed, and would
// otherwise hold every place.
const partnerShare = 2

func newBook(cfg *Config) book {
	return book{byID: map[int64]*endpoint{}, share: max(cfg.PerEndpoint, cfg.Concurrency/partnerShare), busyOf: map[int64]int{}}
}

// took notes n attempts more under way, or with a negative n less.
func (b *book) took(partnerID int64, n int) {
	b.busy += n
	if b.busyOf[partnerID] += n; b.busyOf[partnerID] <= 0 {
		delete(b.busyOf, partnerID)
	}
}

// update takes a fresh list over.
func (b *book) update(list []*webhook.Waiting, most int) {
	seen := make(map[int64]bool, len(list))
	for _, w := range list {
		seen[w.Endpoint.ID] = true
		e := b.byID[w.Endpoint.ID]
		if e == nil {
			e = &endpoint{id: w.Endpoint.ID, limit: most}
			b.byID[e.id] = e
		}
		e.def, e.due = &w.Endpoint, w.Due
	}
	for id, e := range b.byID {
		if !seen[id] && e.busy == 0 {
			delete(b.byID, id)
		} else if !seen[id] {
			e.due = time.Time{}
		}
	}
	b.order = b.order[:0]
	for id := range b.byID {
		b.order = append(b.order, id)
	}
	slices.Sort(b.order)
}

// ready says how many lanes an endpoint may claim now, and when to ask again if
// none; zero = after an attempt has ended or something has come.
func (b *book) ready(e *endpoint, now time.Time, places int) (n int, again time.Time) {
	switch {
	case e.due.IsZero() || e.busy >= e.limit:
		return 0, time.Time{}
	case e.due.After(now):
		return 0, e.due
	case !e.probing():
		return e.limit - e.busy, time.Time{}
	case b.probing >= max(1, places/probeFraction):
		return 0, time.Time{}
	case now.Before(e.probed.Add(probeEvery)):
		return 0, e.probed.Add(probeEvery)
	}
	return 1, time.Time{}
}

// pick gives what to claim for the free places, by turns, at most maxRequests endpoints at
// once; again is when something more falls due. Nothing is given while nothing is due.
func (b *book) pick(now time.Time, places int) (requests []webhook.ClaimRequest, again time.Time) {
	free := places - b.busy
	if free <= 0 || len(b.order) == 0 {
		return nil, time.Time{}
	}
	from, found := slices.BinarySearch(b.order, b.next)
	if found {
		from++
	}
	type wish struct {
		e *endpoint
		n int
	}
	var wishes []wish
	wished := map[int64]int{}
	for i := range b.order {
		e := b.byID[b.order[(from+i)%len(b.order)]]
		n, at := b.ready(e, now, places)
		partner := e.def.PartnerID
		n = min(n, b.share-b.busyOf[partner]-wished[partner]) // more when an attempt has ended
		if !at.IsZero() && (again.IsZero() || at.Before(again)) {
			again = at
		}
		if n <= 0 {
			continue
		}
		wished[partner] += n
		if e.probing() {
			b.probing++ // taken back below
		}
		wishes = append(wishes, wish{e, n})
		if len(wishes) == min(free, maxRequests) {
			break
		}
	}
	for i, w := range wishes {
		if w.e.probing() {
			b.probing--
		}
		n := min(w.n, max(1, free/(len(wishes)-i)))
		free -= n
		w.e.turn = !w.e.turn
		requests = append(requests, webhook.ClaimRequest{EndpointID: w.e.id, Limit: n, RetriesFirst: w.e.turn})
		b.next = w.e.id
	}
	return requests, again
}

const maxRequests = 64
