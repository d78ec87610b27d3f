package order

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"posthouse/internal/fault"
)

// MaxMetadata bounds what an order's metadata may grow to by merging.
const MaxMetadata = 64 << 10

// CPanel is the part of the metadata that names a hosting account.
type CPanel struct {
	HostName string `json:"cpanelHostName,omitempty"`
	UserName string `json:"cpanelUserName,omitempty"`
}

// Lengths of what names a hosting account; anything longer names none.
const (
	maxHostName = 255
	maxUserName = 191
)

// Key is the form in which two orders' hosting accounts are compared, and
// whether there is an account at all.
func (c CPanel) Key() (CPanel, bool) {
	k := CPanel{HostName: HostName(c.HostName), UserName: strings.TrimSpace(c.UserName)}
	if k.HostName == "" || k.UserName == "" || !plain(k.UserName, maxUserName) {
		return CPanel{}, false
	}
	return k, true
}

// HostName is the form in which hosts are compared, "" for what names none.
func HostName(s string) string {
	if s = strings.ToLower(strings.TrimSpace(s)); !plain(s, maxHostName) {
		return ""
	}
	return s
}

func plain(s string, most int) bool {
	return len(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// CPanel reads the hosting account out of the metadata. What is not text is not there.
func (o *Order) CPanel() CPanel { return CPanelOf(o.Metadata) }

// CPanelOf is Order.CPanel of metadata that belongs to no order yet.
func CPanelOf(metadata json.RawMessage) CPanel {
	var m map[string]json.RawMessage
	if len(metadata) == 0 || json.Unmarshal(metadata, &m) != nil {
		return CPanel{}
	}
	text := func(key string) string {
		var s string
		if json.Unmarshal(m[key], &s) != nil {
			return ""
		}
		return s
	}
	return CPanel{HostName: text("cpanelHostName"), UserName: text("cpanelUserName")}
}

var errMetadata = fault.New(fault.Invalid, "The metadata is not a JSON object")

// MergeMetadata puts the keys of add into old, key by key (titan.md operation
// 3); a null says nothing. Unknown keys are kept. The result is nil when it has
// no key, and the same bytes for the same content.
func MergeMetadata(old, add json.RawMessage) (json.RawMessage, error) {
	if len(add) > MaxMetadata {
		return nil, fault.Newf(fault.Invalid, "The metadata is larger than %d bytes", MaxMetadata)
	}
	m := map[string]json.RawMessage{}
	for _, part := range []json.RawMessage{old, add} {
		if len(part) == 0 {
			continue
		}
		var o map[string]json.RawMessage
		if err := json.Unmarshal(bytes.ToValidUTF8(part, []byte("\uFFFD")), &o); err != nil {
			return nil, errMetadata
		}
		for k, v := range o {
			if !bytes.Equal(bytes.TrimSpace(v), []byte("null")) {
				m[k] = v
			}
		}
	}
	if len(m) == 0 {
		return nil, nil
	}
	// Marshalling sorts the keys and compacts the values.
	out, err := json.Marshal(m)
	if err != nil {
		return nil, errMetadata
	}
	if len(out) > MaxMetadata {
		return nil, fault.Newf(fault.Invalid, "The metadata is larger than %d bytes", MaxMetadata)
	}
	return out, nil
}
