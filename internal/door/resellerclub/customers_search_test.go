package resellerclub

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCustomerSearch(t *testing.T) {
	w := newWorld(t)
	w.goldenRead("customers/search_empty", w.child, "customers/search", "no-of-records", 10, "page-no", 1)
	var ids []int64
	for i := range 12 {
		ids = append(ids, w.customer(w.child, fmt.Sprintf("c%02d@example.org", i), "name", fmt.Sprintf("Name %d", i), "city", []string{"Rome", "Oslo"}[i%2]))
	}
	below, sibling := w.customer(w.grandchild, "below@example.org"), w.customer(w.sibling, "sibling@example.org")
	w.goldenRead("customers/search", w.child, "customers/search", "no-of-records", 10, "page-no", 2)
	find := func(s seller, pairs ...any) (all []string) {
		t.Helper()
		o := w.object(w.get(s, "customers/search.json", append([]any{"no-of-records", 500, "page-no", 1}, pairs...)...))
		n := 0
		for i := 1; ; i++ {
			row, ok := o[fmt.Sprint(i)].(map[string]any)
			if !ok {
				break
			}
			if len(row) != 12 {
				t.Errorf("a row of %d: %v", len(row), row)
			}
			n++
			all = append(all, strings.TrimSuffix(fmt.Sprint(row["customer.username"]), "@example.org"))
		}
		if len(o) != n+2 || o["recsonpage"] != fmt.Sprint(n) || o["recsindb"] != fmt.Sprint(n) {
			t.Errorf("%v: %d rows, %v of %v, %d keys", pairs, n, o["recsonpage"], o["recsindb"], len(o))
		}
		return all
	}
	unix := func(d time.Duration) int64 { return start.Add(d).Unix() }
	w.clock.Advance(time.Hour)
	late := w.customer(w.child, "late@example.org")
	if err := w.core.SuspendCustomer(t.Context(), w.actorOf(w.child), ids[3], ""); err != nil {
		t.Fatal(err)
	}
	if err := w.core.DeleteCustomer(t.Context(), w.actorOf(w.child), ids[4]); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pairs []any
		want  string
	}{
		"username":          {[]any{"username", "C05@example.org"}, "c05"},
		"usernames":         {[]any{"username", "c0%"}, "c00 c01 c02 c03 c05 c06 c07 c08 c09"},
		"no wildcards else": {[]any{"username", "c0_@example.org"}, ""},
		"name":              {[]any{"name", "name 7"}, "c07"},
		"name and city":     {[]any{"name", "name 7", "city", "Rome"}, ""},
		"city":              {[]any{"city", "oslo", "username", "c1%"}, "c11"},
		"company and state": {[]any{"company", "doe ltd", "state", "LONDON", "name", "name 1%"}, "c01 c10 c11"},
		"suspended":         {[]any{"status", "Suspended"}, "c03"},
		"deleted":           {[]any{"status", "Deleted"}, "c04"},
		"two states":        {[]any{"status", "Deleted", "status", "Suspended"}, "c03 c04"},
		"ids":               {[]any{"customer-id", ids[1], "customer-id", ids[2], "customer-id", sibling}, "c01 c02"},
		"id below":          {[]any{"customer-id", below}, "below"},
		"ids in brackets":   {[]any{"customer-id[0]", ids[1], "customer-id[]", ids[2]}, "c01 c02"},
		"reseller below":    {[]any{"reseller-id", w.grandchild.id}, "below"},
		"sibling":           {[]any{"reseller-id", w.sibling.id}, ""},
		"sibling's":         {[]any{"customer-id", sibling}, ""},
		"parent":            {[]any{"reseller-id", w.root.id}, ""},
		"nobody's reseller": {[]any{"reseller-id", 0}, ""},
		"created after":     {[]any{"creation-date-start", unix(0)}, "late"},
		"strictly":          {[]any{"creation-date-start", unix(time.Hour)}, ""},
		"created before":    {[]any{"creation-date-end", unix(time.Hour), "username", "c00%"}, "c00"},
		"receipts":          {[]any{"total-receipt-start", "0.001"}, ""},
		"receipts up to":    {[]any{"total-receipt-end", "10", "customer-id", late}, "late"},
		"SQL":               {[]any{"name", "' OR '1'='1"}, ""},
	} {
		if got := strings.Join(find(w.child, c.pairs...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := strings.Join(find(w.root, "reseller-id", w.grandchild.id, "reseller-id", w.sibling.id), " "); got != "below sibling" {
		t.Errorf("the root finds %q", got)
	}
	for pairs, text := range map[[2]any]string{
		{"no-of-records", 9}:                     "{no-of-records=no-of-records is invalid}",
		{"no-of-records", 501}:                   "{no-of-records=no-of-records is invalid}",
		{"no-of-records", 1000000000}:            "{no-of-records=no-of-records is invalid}",
		{"no-of-records", "ten"}:                 "{no-of-records=no-of-records is invalid}",
		{"no-of-records", ""}:                    "{no-of-records=no-of-records must not be blank}",
		{"page-no", 0}:                           "{page-no=page-no is invalid}",
		{"page-no", -1}:                          "{page-no=page-no is invalid}",
		{"page-no", "99999999999999999999"}:      "{page-no=page-no is invalid}",
		{"status", "active"}:                     "{status=status is invalid}",
		{"creation-date-start", "yesterday"}:     "{creation-date-start=creation-date-start is invalid}",
		{"total-receipt-start", "lots"}:          "{total-receipt-start=total-receipt-start is invalid}",
		{"reseller-id", "1,2"}:                   "{reseller-id=reseller-id is invalid}",
		{"name", strings.Repeat("%", 300)}:       "{name=name is invalid}",
		{"creation-date-end", "253402300800000"}: "{creation-date-end=creation-date-end is invalid}",
	} {
		q := map[string]any{"no-of-records": 10, "page-no": 1}
		q[pairs[0].(string)] = pairs[1]
		var all []any
		for k, v := range q {
			all = append(all, k, v)
		}
		w.refused(w.get(w.child, "customers/search.json", all...), 500, text)
	}
	if o := w.object(w.get(w.child, "customers/search.json", "no-of-records", 500, "page-no", 1000000000)); o["recsonpage"] != "0" || o["recsindb"] != "12" {
		t.Errorf("a page beyond the last: %v", o)
	}
}
