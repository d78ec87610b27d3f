package imapd

import (
	"context"
	"errors"
	"testing"
)

func TestTextSearchesTakeTurns(t *testing.T) {
	var turns searchTurns
	ctx := context.Background()
	take := func(account int64) func() {
		t.Helper()
		done, err := turns.take(ctx, account)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	one, two := take(7), take(7)
	other := take(8) // accounts don't wait for each other

	gone, hangUp := context.WithCancel(ctx)
	hangUp()
	if _, err := turns.take(gone, 7); !errors.Is(err, context.Canceled) {
		t.Fatalf("a third search got a turn: %v", err)
	}
	third := make(chan func(), 1)
	go func() {
		done, err := turns.take(ctx, 7)
		if err != nil {
			t.Error(err)
		}
		third <- done
	}()
	select {
	case <-third:
		t.Fatal("a third search got a turn while two held theirs")
	default:
	}
	one()
	(<-third)()
	two()
	other()
	if n := len(turns.accounts); n != 0 {
		t.Errorf("%d accounts are remembered after their searches", n)
	}
}
