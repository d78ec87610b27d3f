package modeltest_test

import (
	"testing"

	"posthouse/internal/clock"
	"posthouse/internal/core/provision"
	"posthouse/internal/core/provision/memstore"
	"posthouse/internal/core/provision/modeltest"
)

func TestModel(t *testing.T) {
	modeltest.Run(t, 1, func(c clock.Clock) provision.Store {
		s := memstore.New(c)
		s.Rerun = true
		return s
	})
}
