package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/core/suspension"
	"posthouse/internal/export"
	"posthouse/internal/fault"
	"posthouse/internal/gate"
)

// ExportsConfig is what Exports needs; the zero value of Clock and Log is the
// system's and none.
type ExportsConfig struct {
	Core interface {
		LegalExportDownload(ctx context.Context, actor audit.Actor, accountID, jobID int64, first bool) (*legalexport.Job, error)
	}
	Files interface {
		Open(*legalexport.Job) (*os.File, error)
	}
	Links interface {
		Verify(file, expires, signature string) error
	}
	TrustedProxies []netip.Prefix
	Clock          clock.Clock
	Log            *slog.Logger
}

// Exports gives the files of legal exports to who has a valid link (titan.md
// operation 41). It is a handler of its own: a file may take hours, and its
// readers are programs.
type Exports struct{ cfg ExportsConfig }

// NewExports makes one.
func NewExports(cfg ExportsConfig) *Exports {
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Exports{cfg}
}

// Handles reports whether a request is for this handler.
func (e *Exports) Handles(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, export.LinkPath)
}

// ServeHTTP implements http.Handler.
func (e *Exports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := e.cfg.Clock.Now()
	remote := gate.ClientAddress(r, e.cfg.TrustedProxies)
	out := &slowWriter{ResponseWriter: w, control: http.NewResponseController(w), clock: e.cfg.Clock}
	err := e.serve(out, r, remote)
	if err != nil && out.status == 0 {
		e.refuse(out, err)
	}
	attrs := []slog.Attr{slog.String("file", strings.TrimPrefix(r.URL.Path, export.LinkPath)), slog.String("method", r.Method), slog.Int("status", out.status),
		slog.Int64("bytes", out.bytes), slog.Duration("took", e.cfg.Clock.Now().Sub(begun)), slog.String("remote", remote.String())}
	level := slog.LevelInfo
	if err != nil {
		attrs = append(attrs, slog.Any("cause", err))
		if c := fault.Of(err).Code; c == fault.Internal || c == fault.Unavailable {
			level = slog.LevelError
		}
	}
	e.cfg.Log.LogAttrs(r.Context(), level, "export download", attrs...)
}

func (e *Exports) serve(w *slowWriter, r *http.Request, remote netip.Addr) (err error) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		return errMethod
	}
	file := strings.TrimPrefix(r.URL.Path, export.LinkPath)
	q := r.URL.Query()
	if err := e.cfg.Links.Verify(file, q.Get("expires"), q.Get("signature")); err != nil {
		return err
	}
	accountID, jobID, ok := legalexport.ParseFileName(file)
	if !ok {
		return fault.New(fault.NotFound, "There is no such file")
	}
	// Who has the beginning has been given the file; the rest of it is not told again.
	first := r.Method == http.MethodGet && beginsAtZero(r.Header.Get("Range"))
	actor := audit.Actor{Role: suspension.RoleTitan, Name: "link", Address: remote.String()}
	j, err := e.cfg.Core.LegalExportDownload(r.Context(), actor, accountID, jobID, first)
	if err != nil {
		return err
	}
	f, err := e.cfg.Files.Open(j)
	if err != nil {
		return err
	}
	defer f.Close()
	h.Set("Content-Type", "application/gzip")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file))
	h.Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%s-%d", j.PublicID(), j.SizeBytes)))
	http.ServeContent(w, r, file, *j.CompletedAt, f)
	return w.err
}

func beginsAtZero(header string) bool {
	return header == "" || strings.HasPrefix(strings.ReplaceAll(header, " ", ""), "bytes=0-")
}

func (e *Exports) refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	text := "An internal error"
	switch f := fault.Of(err); f.Code {
	case fault.Forbidden:
		status, text = http.StatusForbidden, "The link has expired or is not valid"
	case fault.NotFound, fault.AccountNotFound:
		status, text = http.StatusNotFound, "The file is not there any more"
	case fault.Invalid:
		status, text = http.StatusMethodNotAllowed, "Only GET and HEAD"
	case fault.Unavailable:
		status, text = http.StatusServiceUnavailable, "Try again later"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a client that has gone is told nothing
}

// writePatience is how long a client may take for one piece.
const writePatience = time.Minute

// slowWriter lets an answer take as long as it takes, as long as it moves.
type slowWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	clock   clock.Clock
	status  int
	bytes   int64
	err     error
}

func (w *slowWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	// A deadline is one of the network's, which follows the system's clock; a
	// writer without deadlines has none to move.
	_ = w.control.SetWriteDeadline(clock.System().Now().Add(writePatience))
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	if err != nil && w.err == nil {
		w.err = fault.Unavail("The client has gone", err)
	}
	return n, err
}
