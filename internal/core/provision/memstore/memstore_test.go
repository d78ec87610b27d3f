package memstore_test

import (
	"testing"

	"posthouse/internal/core/provision"
	"posthouse/internal/core/provision/memstore"
	"posthouse/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) provision.Store { return memstore.New(nil) })
}
