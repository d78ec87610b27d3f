package titan

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What another partner owns is answered as what nobody has, by every operation
// and under every name that an order or account goes by.
func scenarioForeignEqualsUnknown(t *testing.T, w *world) {
	makeShop(w)
	w.play(
		makeKim,
		step{
			call: "GET /partner/fetchOrderDetails?titanOrderId={order}", save: "customer=titanCustomerId",
			want: w.fill(`{"reqID":"R","titanOrderId":{order},"domainName":"shop.example.com","orderId":"A-17","planType":"pro","noOfAccounts":2,"noOfBillableAccounts":2,"noOfActiveAccounts":1,"noOfProvisionedAccounts":1,"expiryDate":"2027-11-22","status":"active","customerEmailAddress":"kim@example.org","serverHostName":null,"source":"hosting","titanCustomerId":{customer},"customerId":"cust-1","addonSubscriptionCounters":{}}`),
		},
		// Their own order, so that an account of ours can be asked for within it.
		step{
			as: "foreign", call: "POST /partner/createMailOrder", save: "theirs=titanOrderId",
			send: `{"domainName":"theirs.example","customerId":"t","planType":"free"}`,
			want: `{"reqID":"R","titanOrderId":{theirs},"status":"active","firstEmailAccountDetails":{}}`,
		},
	)
	ours := map[string]string{
		"titanOrderId": w.names["order"], "titanAccountId": w.names["account"], "titanCustomerId": w.names["customer"],
		"email": "kim@shop.example.com", "domainName": "shop.example.com", "customerId": "cust-1", "serviceId": w.names["order"],
	}
	nobodys := map[string]string{
		"titanOrderId": "900001", "titanAccountId": "900002", "titanCustomerId": "900003",
		"email": "kim@nobody.example", "domainName": "nobody.example", "customerId": "nobody", "serviceId": "900001",
	}
	ways := [][]string{
		{"titanOrderId"}, {"domainName", "customerId"}, {"serviceId"}, {"titanOrderId", "titanAccountId", "email"},
		{"titanAccountId"}, {"email"}, {"titanAccountId", "email"}, {"titanCustomerId"}, {"customerId"},
	}
	for _, op := range Operations() {
		if !op.Served || op.open || op.Number == "2" || op.Number == "13" || op.Number == "24" || op.Number == "X2" { // these name no object
			continue
		}
		w.clock.Advance(time.Minute) // past the rate limit
		for _, way := range ways {
			w.clock.Advance(time.Second) // rate limits are not what is asked here
			foreign, unknown := request(op, way, ours), request(op, way, nobodys)
			code1, body1 := w.send(op, w.foreign, foreign)
			code2, body2 := w.send(op, w.foreign, unknown)
			if code1 != code2 || masked(body1) != masked(body2) {
				t.Errorf("operation %s by %v: foreign %d %s\nunknown %d %s", op.Number, way, code1, body1, code2, body2)
			}
			if code1 == http.StatusOK {
				t.Errorf("operation %s by %v: %d %s", op.Number, way, code1, body1)
			}
		}
		// Our account within their order.
		if hasField(op, "titanAccountId") {
			in := map[string]string{"titanOrderId": w.names["theirs"], "titanAccountId": ours["titanAccountId"], "email": "kim@theirs.example"}
			_, body1 := w.send(op, w.foreign, request(op, []string{"titanOrderId", "titanAccountId", "email"}, in))
			in["titanAccountId"] = "900002"
			_, body2 := w.send(op, w.foreign, request(op, []string{"titanOrderId", "titanAccountId", "email"}, in))
			if masked(body1) != masked(body2) || !strings.Contains(body1, "AccountNotFound") {
				t.Errorf("operation %s in their order: %s\nunknown %s", op.Number, body1, body2)
			}
		}
	}
	if ev := w.newEvents(); ev != "" {
		t.Errorf("a stranger wrote %s", ev)
	}
}

func hasField(op Operation, name string) bool {
	for _, f := range op.Request {
		if f.Name == name {
			return true
		}
	}
	return false
}

// request fills what names an object the given way, and other required fields
// with something valid.
func request(op Operation, way []string, values map[string]string) map[string]any {
	out := map[string]any{}
	for _, f := range op.Request {
		if f.Required {
			switch f.Kind {
			case ID:
				out[f.Name] = values[f.Name]
			case Enum:
				out[f.Name] = f.Values[0]
			case Amount:
				out[f.Name] = "1"
			case Nested:
				out[f.Name] = map[string]any{"customerId": "new"}
			case IDs:
				out[f.Name] = []string{values["titanAccountId"]}
			case Names:
				out[f.Name] = []string{"x@shop.example.com"}
			default:
				out[f.Name] = values["email"]
			}
		}
	}
	for _, name := range way {
		if hasField(op, name) {
			out[name] = values[name]
		}
	}
	return out
}

func (w *world) send(op Operation, key string, in map[string]any) (int, string) {
	if op.Method == Read {
		q := url.Values{}
		for name, v := range in {
			q.Set(name, fmt.Sprint(v))
		}
		return w.do(key, http.MethodGet, op.Path+"?"+q.Encode(), "")
	}
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(key, http.MethodPost, op.Path, string(body))
}
