package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posthouse/internal/clock"
	"posthouse/internal/core/audit"
	"posthouse/internal/core/legalexport"
	"posthouse/internal/export"
	"posthouse/internal/fault"
)

// exportFiles stands for the core and the files.
type exportFiles struct {
	dir       string
	job       legalexport.Job
	gone      error
	downloads int
	from      string
}

func (f *exportFiles) LegalExportDownload(_ context.Context, a audit.Actor, accountID, jobID int64, first bool) (*legalexport.Job, error) {
	if first {
		f.downloads++
		f.from = a.Address
	}
	if f.gone != nil {
		return nil, f.gone
	}
	if accountID != f.job.AccountID || jobID != f.job.ID {
		return nil, errors.New("asked for another job")
	}
	return &f.job, nil
}

func (f *exportFiles) Open(j *legalexport.Job) (*os.File, error) {
	file, err := os.Open(filepath.Join(f.dir, j.FileName()))
	if os.IsNotExist(err) {
		return nil, fault.New(fault.NotFound, "gone")
	}
	return file, err
}

func TestExportDownloads(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	done := c.Now()
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	f := &exportFiles{dir: t.TempDir(), job: legalexport.Job{ID: 3, AccountID: 7, State: legalexport.Completed, SizeBytes: int64(len(content)), CompletedAt: &done}}
	if err := os.WriteFile(filepath.Join(f.dir, f.job.FileName()), content, 0o600); err != nil {
		t.Fatal(err)
	}
	links := export.NewLinks(func() string { return "" }, []byte("key"), c)
	h := NewExports(ExportsConfig{Core: f, Files: f, Links: links, Clock: c})
	srv := httptest.NewServer(h)
	defer srv.Close()
	ask := func(method, path string, header ...string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, b
	}
	link := links.URL(f.job.FileName())
	res, b := ask("GET", link)
	if res.StatusCode != 200 || !bytes.Equal(b, content) || res.Header.Get("Content-Type") != "application/gzip" || res.Header.Get("Cache-Control") != "private, no-store" ||
		res.Header.Get("Content-Disposition") != `attachment; filename="7_job-3.tar.gz"` || f.downloads != 1 || f.from != "127.0.0.1" {
		t.Errorf("%d %v, %d bytes, %d downloads from %s", res.StatusCode, res.Header, len(b), f.downloads, f.from)
	}
	etag := res.Header.Get("ETag")
	for _, r := range []struct {
		header string
		status int
		body   []byte
		first  bool
	}{
		{"bytes=0-9", 206, content[:10], true}, {"bytes=1000000-", 206, content[1000000:], false}, {"bytes=-16", 206, content[len(content)-16:], false},
		{fmt.Sprintf("bytes=%d-", len(content)), 416, nil, false},
	} {
		before := f.downloads
		res, b := ask("GET", link, "Range", r.header, "If-Range", etag)
		if res.StatusCode != r.status || r.body != nil && !bytes.Equal(b, r.body) || (f.downloads > before) != r.first {
			t.Errorf("%s: %d, %d bytes, %d downloads", r.header, res.StatusCode, len(b), f.downloads-before)
		}
	}
	if res, b := ask("HEAD", link); res.StatusCode != 200 || len(b) != 0 || res.ContentLength != int64(len(content)) {
		t.Errorf("HEAD: %d %d", res.StatusCode, res.ContentLength)
	}

	downloads := f.downloads
	for name, path := range map[string]string{
		"no signature": "/exports/7_job-3.tar.gz", "another job": strings.Replace(link, "job-3", "job-4", 1), "another account": strings.Replace(link, "7_", "8_", 1),
		"a changed signature": link[:len(link)-1] + map[bool]string{true: "1", false: "0"}[link[len(link)-1] == '0'], "a later end": strings.Replace(link, "expires=1", "expires=2", 1),
		"up": "/exports/..%2f..%2fetc%2fpasswd", "nothing": "/exports/", "a manifest": strings.Replace(link, ".tar.gz", ".tar.gz.manifest", 1),
	} {
		if res, b := ask("GET", path); res.StatusCode != 403 || string(b) != "The link has expired or is not valid\n" {
			t.Errorf("%s: %d %s", name, res.StatusCode, b)
		}
	}
	if res, _ := ask("POST", link); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", res.StatusCode)
	}
	if f.downloads != downloads {
		t.Error("the core was asked for what nobody may have")
	}
	// A name that was signed, but is none of ours.
	if res, _ := ask("GET", links.URL("../7_job-3.tar.gz")); res.StatusCode != 404 {
		t.Errorf("a signed path: %d", res.StatusCode)
	}
	f.gone = fault.New(fault.NotFound, "The export is not there any more").WithReason("EXPORT_EXPIRED")
	if res, b := ask("GET", link); res.StatusCode != 404 || string(b) != "The file is not there any more\n" {
		t.Errorf("expired: %d %s", res.StatusCode, b)
	}
	f.gone = nil
	if err := os.Remove(filepath.Join(f.dir, f.job.FileName())); err != nil {
		t.Fatal(err)
	}
	if res, _ := ask("GET", link); res.StatusCode != 404 {
		t.Errorf("removed: %d", res.StatusCode)
	}
	c.Advance(export.LinkLife)
	if res, _ := ask("GET", link); res.StatusCode != 403 {
		t.Errorf("a day later: %d", res.StatusCode)
	}
}
