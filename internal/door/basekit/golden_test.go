package basekit

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// envelopes are the keys that name what a reply holds (3.1, and the tables of
// sections 5 to 9).
var envelopes = strings.Fields(`accountHolder accountHolders users accountDomain accountDomains domains domainMailboxes mailboxes mailbox loginToken
	package packages prices accountPackage accountPackages capabilities capability brand brands languages currencies domainTlds reseller resellers
	order orders orderItems orderItem billingCycle invoices invoice notes domain mailServices site sites profiles profile flowUrl hash count`)

// TestGoldensOfSiblings are envelopes of calls that are another one's in short.
func TestGoldensOfSiblings(t *testing.T) {
	w := newMatrix(t)
	mine := w.stock(w.ours, "mine")
	w.golden("user-capability", w.call(w.ours, http.MethodGet, "/users/"+mine["holder"]+"/capability/mailboxes", nil))
	w.golden("user-domains", w.call(w.ours, http.MethodGet, "/users/"+mine["holder"]+"/domains", nil))
}

// TestEveryEnvelopeHasAGolden wants a golden file of each envelope with something
// in it, and of an error with its fields.
func TestEveryEnvelopeHasAGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	seen, failed := map[string]bool{}, false
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var reply map[string]any
		if err := json.Unmarshal(raw, &reply); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, isError := reply["title"]; isError {
			fields, _ := reply["errors"].(map[string]any)
			failed = failed || len(fields) > 0
			continue
		}
		for key, v := range reply {
			if l, isList := v.([]any); !isList || len(l) > 0 {
				seen[key] = true
			}
		}
	}
	for _, key := range envelopes {
		if !seen[key] {
			t.Errorf("no golden file shows %s with something in it", key)
		}
	}
	if !failed {
		t.Error("no golden file shows an error with its fields")
	}
}
