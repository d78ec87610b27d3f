package titan

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/partner"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/tenancy"
	"posthouse/internal/core/work"
	"posthouse/internal/door/doortest"
	"posthouse/internal/secret"
	"posthouse/internal/store/sqldb"
	"posthouse/internal/store/sqltest"
)

// benchDoor is a door on SQLite without a rate limit, and the id of an order
// with seats enough.
func benchDoor(b *testing.B) (d *Door, key, orderID string) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	core, err := provision.New(work.Config{
		Store: sqltest.Store(b, sqldb.SQLite), Hasher: doortest.Hasher{}, SealingKey: make([]byte, secret.SealKeyLen), Clock: clock.System(),
	})
	must(err)
	none := 0
	_, key, err = core.CreatePartner(b.Context(), operator, tenancy.CreatePartner{Name: "P", Settings: partner.Settings{RatePerSecond: &none}})
	must(err)
	d, err = New(Config{Core: core})
	must(err)
	_, body := send(d, key, "/partner/createMailOrder", `{"domainName":"a.example","customerId":"c","planType":"free","noOfAccounts":1000000}`)
	_, rest, _ := strings.Cut(body, `"titanOrderId":`)
	orderID, _, _ = strings.Cut(rest, ",")
	return d, key, orderID
}

func send(d *Door, key, path, body string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", key)
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// The mail store's part is not in it.
func BenchmarkCreateEmailAccount(b *testing.B) {
	d, key, orderID := benchDoor(b)
	var n atomic.Int64
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := fmt.Sprintf(`{"titanOrderId":%s,"email":"u%d@a.example"}`, orderID, n.Add(1))
			if code, answer := send(d, key, "/partner/createEmailAccount", body); code != 200 {
				b.Error(answer)
				return
			}
		}
	})
}

func BenchmarkFetchOrderDetails(b *testing.B) {
	d, key, orderID := benchDoor(b)
	for b.Loop() {
		if code, answer := send(d, key, "/partner/fetchOrderDetails", `{"titanOrderId":`+orderID+`}`); code != 200 {
			b.Fatal(answer)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	fields := createMailOrderFields()
	known := knownKeys(fields)
	b.ReportAllocs()
	for b.Loop() {
		sent, err := parseBody([]byte(createShop), known)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := decode(fields, sent); err != nil {
			b.Fatal(err)
		}
	}
}
