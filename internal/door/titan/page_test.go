package titan

import (
	"testing"

	"posthouse/internal/core/order"
	"posthouse/internal/core/plan"
	"posthouse/internal/goldentest"
)

func TestOperationsPage(t *testing.T) {
	goldentest.Page(t, "../../../docs/titan-operations.md", Page(), "go generate ./internal/door/titan")
}

// The wire's enumerations are the core's.
func TestEnumerationsAreTheCores(t *testing.T) {
	for _, v := range actionField().Values {
		if !order.Action(v).Valid() {
			t.Errorf("action %s is unknown to the core", v)
		}
	}
	for _, v := range cycleField().Values {
		if !order.Cycle(v).Valid() {
			t.Errorf("cycle %s is unknown to the core", v)
		}
	}
	for _, v := range sourceField().Values {
		if !order.Source(v).Valid() {
			t.Errorf("source %s is unknown to the core", v)
		}
	}
	for _, v := range planField().Values {
		if _, ok := plan.DefaultCatalogue()[plan.Plan(v)]; !ok {
			t.Errorf("plan %s is unknown to the core", v)
		}
	}
	if n := len(actionField().Values) + len(cycleField().Values) + len(sourceField().Values) + len(planField().Values); n != 14+6+4+7 {
		t.Errorf("%d values", n)
	}
}
