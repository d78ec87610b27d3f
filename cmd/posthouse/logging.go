package main

import (
	"io"
	"log/slog"

	"posthouse/internal/config"
)

// newLogger writes records as configured. Nothing here redacts: packages never
// log secrets, passwords, keys or message content, and a test reads along.
func newLogger(cfg *config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel()}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
