package titan

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// together runs n calls at once and gives their answers.
func (w *world) together(n int, call func(i int) (int, string)) (codes []int, bodies []string) {
	codes, bodies = make([]int, n), make([]string, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-begin
			codes[i], bodies[i] = call(i)
		}()
	}
	close(begin)
	wg.Wait()
	return codes, bodies
}

func scenarioTwoCreationsOfOneOrder(t *testing.T, w *world) {
	codes, bodies := w.together(8, func(int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createMailOrder", createShop)
	})
	for i := range codes {
		if codes[i] != 200 || masked(bodies[i]) != masked(bodies[0]) {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if ev := w.newEvents(); ev != created {
		t.Errorf("events %q", ev)
	}
}

func scenarioTwoCustomersOrderOneDomain(t *testing.T, w *world) {
	codes, bodies := w.together(6, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createMailOrder", fmt.Sprintf(`{"domainName":"one.example","customerId":"c%d","planType":"free"}`, i))
	})
	made := 0
	for i := range codes {
		if codes[i] == 200 {
			made++
		} else if !strings.Contains(bodies[i], "ORDER_ALREADY_EXISTS") {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if made != 1 {
		t.Errorf("%d orders were made", made)
	}
}

func scenarioLastSeatAtOnce(t *testing.T, w *world) {
	makeShop(w)
	w.play(makeKim) // one of two seats
	codes, bodies := w.together(8, func(i int) (int, string) {
		return w.do(w.key, http.MethodPost, "/partner/createEmailAccount", fmt.Sprintf(`{"titanOrderId":"%s","email":"u%d@shop.example.com"}`, w.names["order"], i))
	})
	made := 0
	for i := range codes {
		if codes[i] == 200 {
			made++
		} else if !strings.Contains(bodies[i], "ACCOUNT_LIMIT_REACHED") {
			t.Errorf("%d %s", codes[i], bodies[i])
		}
	}
	if made != 1 {
		t.Errorf("%d accounts got the last seat", made)
	}
}

// A list right behind a creation has the order, also under load (2.7).
func scenarioReadYourWrites(t *testing.T, w *world) {
	w.together(8, func(i int) (int, string) {
		for j := range 5 {
			domain := fmt.Sprintf("d%d-%d.example", i, j)
			code, body := w.do(w.key, http.MethodPost, "/partner/createMailOrder", fmt.Sprintf(`{"domainName":%q,"customerId":"c%d","planType":"free"}`, domain, i))
			_, list := w.do(w.key, http.MethodGet, fmt.Sprintf("/partner/listMailOrders?customerId=c%d", i), "")
			if code != 200 || !strings.Contains(list, domain) {
				t.Errorf("%d %s\n%s", code, body, list)
			}
		}
		return 0, ""
	})
}
