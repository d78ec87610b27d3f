package web

import "posthouse/internal/money"

func ptr[T any](v T) *T { return &v }

func zero() *money.Amount { return &money.Amount{} }
