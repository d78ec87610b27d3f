package native

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"

	"posthouse/internal/fault"
)

// A cursor is where a list goes on: the id of the last item seen, authenticated
// together with the partner, the list and its filter. It is good for that list
// only, and no other can be made from it.
type cursors struct{ key []byte }

const (
	macLen       = 16
	cursorLen    = 8 + macLen
	defaultLimit = 50
	maxLimit     = 200
)

var errCursor = fault.New(fault.Invalid, "The cursor is none of this list").WithReason("INVALID_CURSOR")

func (k cursors) mac(past []byte, scope string) []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write(past)
	h.Write([]byte(scope))
	return h.Sum(nil)[:macLen]
}

func (k cursors) encode(past int64, scope string) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(past))
	return base64.RawURLEncoding.EncodeToString(append(raw, k.mac(raw, scope)...))
}

func (k cursors) decode(cursor, scope string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorLen || !hmac.Equal(raw[8:], k.mac(raw[:8], scope)) {
		return 0, errCursor
	}
	return int64(binary.BigEndian.Uint64(raw[:8])), nil
}

// Page is what every list takes.
type Page struct {
	Cursor string `query:"cursor" maxLength:"64" doc:"Where to go on: taken from next of the page before. Good for the same filter only."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Items per page"`
}

// listView is a page of a list.
type listView[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The next page; absent on the last one" example:"/v1/events?cursor=AAAAAAAAAGQ4&limit=50"`
}

type listOutput[T any] struct {
	Link string `header:"Link" doc:"The next page, rel=next"`
	Body listView[T]
}

// scope is what a cursor of this request is good for.
func (c *call) scope() string {
	q, _ := url.ParseQuery(c.query)
	q.Del("cursor")
	q.Del("limit")
	return strconv.FormatInt(c.actor.PartnerID, 10) + " " + c.path + "?" + q.Encode()
}

// list makes a page of what a query gave when asked for one more than the limit.
func list[S, T any](d *Door, c *call, p Page, all []S, id func(S) int64, view func(S) T) *listOutput[T] {
	out := &listOutput[T]{Body: listView[T]{Items: make([]T, 0, len(all))}}
	more := len(all) > p.Limit
	if more {
		all = all[:p.Limit]
	}
	for _, s := range all {
		out.Body.Items = append(out.Body.Items, view(s))
	}
	if more {
		q, _ := url.ParseQuery(c.query)
		q.Set("cursor", d.cursors.encode(id(all[len(all)-1]), c.scope()))
		out.Body.Next = c.path + "?" + q.Encode()
		out.Link = "<" + out.Body.Next + `>; rel="next"`
	}
	return out
}
