package titan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"posthouse/internal/core/event"
	door "posthouse/internal/door/titan"
	"posthouse/internal/goldentest"
)

//go:generate go test -run TestCoveragePage -update

// row is one operation or redirect and what proves it.
type row struct {
	number, title, path string
	served              bool
	proof               []string
}

// events are the 16 of section 10.2.
func events() []event.Type {
	return []event.Type{
		event.MailOrderCreated, event.MailOrderStatusUpdated, event.MailOrderPurged, event.PlanUpgraded, event.AccountsPurchased,
		event.PlanRenewed, event.MailOrderTransferred, event.MailOrderSetupCompleted, event.MailCustomerUpdated, event.EmailAccountCreated,
		event.EmailAccountModified, event.EmailAccountStatusUpdated, event.EmailAccountPurged, event.InternalForwardingAccountCreated,
		event.InternalForwardingAccountModified, event.InternalForwardingAccountDeleted,
	}
}

func operationRows() []row {
	var rows []row
	for _, op := range door.Operations() {
		rows = append(rows, row{number: op.Number, title: op.Title, path: op.Method.String() + " " + op.Path, served: op.Served})
	}
	rows = append(rows,
		row{"R1", "Webmail auto-login", "GET /?slt=", true, nil},
		row{"R2", "Control panel auto-login", "GET /partner/autoLogin", true, nil},
		row{"R3", "Control panel in a frame", "GET /partner/cpWidget", true, nil},
		row{"R4", "To the partner's payment page", "POST /panel/purchase", true, nil},
	)
	for _, sc := range scenarios() {
		for n := range sc.proven() {
			i := slices.IndexFunc(rows, func(r row) bool { return r.number == n })
			rows[i].proof = append(rows[i].proof, sc.Name)
		}
	}
	return rows
}

func eventRows() map[event.Type][]string {
	out := map[event.Type][]string{}
	for _, sc := range scenarios() {
		for e, n := range sc.Events {
			out[e] = append(out[e], fmt.Sprintf("%s (%d×)", sc.Name, n))
		}
	}
	return out
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Titan API: what proves it

<!-- Generated from test/titan by "go generate ./test/titan"; don't edit. -->

Every row is proven by a scenario of ` + "`test/titan`" + `, which plays it against the real binary and asserts which webhooks
a partner's server receives and how often, also with every write sent twice. A scenario proves an operation by a call of the partner's that succeeds. Scenarios
of the door itself, byte for byte and on both databases, are in ` + "`internal/door/titan`" + `; what live clients send is in
` + "`test/titan/testdata`" + `; who may see what is in ` + "`test/titan/*matrix_test.go`" + `.

## Operations and redirects

| # | operation | route | served | scenarios |
| --- | --- | --- | --- | --- |
`)
	for _, r := range operationRows() {
		served := "yes"
		if !r.served {
			served = "not yet"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", r.number, r.title, r.path, served, strings.Join(r.proof, "<br>"))
	}
	b.WriteString("\n## Events\n\n| event | fired by |\n| --- | --- |\n")
	fired := eventRows()
	for _, e := range events() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e, strings.Join(fired[e], "<br>"))
	}
	return b.String()
}

// A row without proof fails, and so does a page that is not this.
func TestCoveragePage(t *testing.T) {
	rows := operationRows()
	if len(rows) != 46+2+4 {
		t.Errorf("%d rows", len(rows))
	}
	for _, r := range rows {
		if !r.served {
			t.Errorf("%s %s is not served", r.number, r.title)
		}
		if len(r.proof) == 0 {
			t.Errorf("nothing proves %s %s", r.number, r.title)
		}
	}
	fired := eventRows()
	for _, e := range events() {
		if len(fired[e]) == 0 {
			t.Errorf("no scenario fires %s", e)
		}
	}
	if len(events()) != 16 {
		t.Errorf("%d events", len(events()))
	}
	goldentest.Page(t, "../../docs/titan-coverage.md", page(), "go generate ./test/titan")
}
