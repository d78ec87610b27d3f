package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"posthouse/internal/core/webhook"
)

// webhookListenCmd is a receiver for whoever writes an integration: it shows
// what arrives before there is a shop that could take it.
type webhookListenCmd struct {
	Listen string `help:"Address to listen on." default:"127.0.0.1:0"`
	Secret string `help:"Signing secret as webhook add printed it: signatures are checked." placeholder:"SECRET"`
	Answer int    `help:"HTTP status to answer; anything but 200 makes events come again." default:"200"`
	JSON   bool   `help:"Print each event's body as it came, one a line."`
}

// maxWebhookBody is far above what any event has.
const maxWebhookBody = 1 << 20

func (k *webhookListenCmd) Run(ctx context.Context, out *output) error {
	if k.Answer < 200 || k.Answer > 599 {
		return fmt.Errorf("--answer: %d is no final HTTP status", k.Answer)
	}
	key, err := signingKey(k.Secret)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", k.Listen)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "listening on http://%s/\n", ln.Addr()); err != nil {
		return errors.Join(err, ln.Close())
	}
	var one sync.Mutex // of two requests, one prints at a time
	srv := &http.Server{ReadTimeout: time.Minute, WriteTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
		if err != nil || r.Method != http.MethodPost {
			http.Error(w, "POST an event", http.StatusBadRequest)
			return
		}
		one.Lock()
		defer one.Unlock()
		if err := k.show(out, r.Header, body, key); err != nil {
			http.Error(w, "the event can't be shown", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(k.Answer)
	})}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // Serve's error tells
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// show prints a line: event, what it is about, the change of status if there is
// one, the id, and what the signature is worth.
func (k *webhookListenCmd) show(out io.Writer, h http.Header, body, key []byte) error {
	if k.JSON {
		_, err := fmt.Fprintf(out, "%s\n", bytes.ReplaceAll(body, []byte("\n"), []byte(" ")))
		return err
	}
	var e struct {
		ID, Event string
		EventName string `json:"eventName"` // of --format basekit, as is the next
		Holder    struct {
			Ref      json.Number `json:"ref"`
			Username string      `json:"username"`
		} `json:"accountHolder"`
		Data struct {
			Order  json.Number `json:"titanOrderId"`
			Domain string      `json:"domainName"`
			Email  string
			Old    string `json:"oldStatus"`
			New    string `json:"newStatus"`
		}
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	parts := []string{fmt.Sprintf("%-28s", cmp.Or(e.Event, e.EventName))}
	for _, s := range []string{e.Holder.Ref.String(), e.Holder.Username, e.Data.Order.String(), e.Data.Domain, e.Data.Email} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if e.Data.New != "" {
		parts = append(parts, e.Data.Old+" -> "+e.Data.New)
	}
	parts = append(parts, "id "+cmp.Or(e.ID, h.Get("Webhook-Id")))
	if key != nil {
		parts = append(parts, "signature "+signatureState(h, body, key))
	}
	_, err := fmt.Fprintln(out, strings.Join(parts, "  "))
	return err
}

func signingKey(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	if !strings.HasPrefix(text, "whsec_") && len(text) == hex.EncodedLen(sha256.Size) {
		return []byte(text), nil // of --format basekit
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if err != nil || len(key) == 0 {
		return nil, errors.New("--secret: not a signing secret as webhook add prints it")
	}
	return key, nil
}

func signatureState(h http.Header, body, key []byte) string {
	if got := h.Get(webhook.HMACHeader); got != "" {
		if hmac.Equal([]byte(got), []byte(webhook.FormatBaseKit.Headers(key, "", time.Time{}, body)[webhook.HMACHeader])) {
			return "valid"
		}
		return "WRONG"
	}
	seconds, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil {
		return "missing"
	}
	want := webhook.Sign(key, h.Get("webhook-id"), time.Unix(seconds, 0), body)
	for got := range strings.FieldsSeq(h.Get("webhook-signature")) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return "valid"
		}
	}
	return "WRONG"
}
