package main

import (
	"net/http"

	"posthouse/internal/door/native"
	"posthouse/internal/gate"
)

// withNative puts the native API beside the dialect: it has /v1.
func (n *node) withNative(dialect http.Handler, serving gate.Serving) (http.Handler, error) {
	serving.Log = n.log.With("part", "native")
	door, err := native.New(native.Config{Serving: serving, Core: n.core, Sandbox: n.queue, CursorKey: n.cursorKey, Invoices: n.invoiceLinks})
	if err != nil {
		return nil, err
	}
	return ahead(door, dialect), nil
}
