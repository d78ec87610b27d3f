package blackbox

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestLegalExport lets a partner export a mailbox with real mail in it, and
// Python's tarfile read the download.
func TestLegalExport(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		order, account := s.order("shop.test", "anna@shop.test")
		for i := range 3 {
			s.receive("anna@shop.test", fmt.Sprint("Letter ", i))
		}
		ref := map[string]any{"titanOrderId": order, "titanAccountId": account}
		ref["jobId"] = s.call("createLegalExportDump", ref)["jobId"]
		job := s.exported(ref)
		if job["fileName"] != fmt.Sprintf("%d_%s.tar.gz", account, ref["jobId"]) || job["sizeInBytes"].(float64) < 100 {
			t.Errorf("%v", job)
		}
		link := job["downloadUrl"].(string)
		if !strings.HasPrefix(link, "http://"+s.Addr("http")+"/exports/") {
			t.Errorf("the link is %s", link)
		}
		status, body := s.download(link, "")
		if status != 200 || len(body) != int(job["sizeInBytes"].(float64)) {
			t.Fatalf("%d, %d bytes", status, len(body))
		}
		path := s.file("export.tar.gz", body)
		out := s.program("python3", "-c", `
import tarfile, json, sys
with tarfile.open(sys.argv[1]) as t:
    root = t.getmembers()[0].name
    lines = [json.loads(l) for l in t.extractfile(root + "/manifest.jsonl")]
    for l in lines:
        if l["kind"] == "message":
            text = t.extractfile(root + "/" + l["file"]).read().decode()
            print(l["folder"], l["file"], [h for h in text.splitlines() if h.startswith("Subject:")][0], len(text) == l["size"])
    print(json.load(t.extractfile(root + "/account.json"))["email"], [l["note"] for l in lines if l["kind"] == "contacts"])
`, path)
		contains(t, out, "INBOX mail/INBOX/1.eml Subject: Letter 0 True", "INBOX mail/INBOX/3.eml Subject: Letter 2 True", "anna@shop.test", "no contacts")
		if status, part := s.download(link, "bytes=10-19"); status != 206 || part != body[10:20] {
			t.Errorf("a range: %d %q", status, part)
		}
		if status, _ := s.download(strings.Replace(link, "signature=", "signature=00", 1), ""); status != 403 {
			t.Errorf("another signature: %d", status)
		}

		// Works for deleted accounts, and for the operator.
		s.call("deleteEmailAccount", map[string]any{"titanOrderId": order, "titanAccountId": account, "email": "anna@shop.test"})
		made := s.json("account", "export", fmt.Sprint(account)).(map[string]any)
		if made["jobId"] == ref["jobId"] {
			t.Errorf("%v", made)
		}
		ref["jobId"] = made["jobId"]
		s.exported(ref)
		list := s.json("account", "exports", fmt.Sprint(account)).([]any)
		if len(list) != 2 || list[0].(map[string]any)["state"] != "completed" {
			t.Errorf("%v", list)
		}
		files, err := os.ReadDir(s.Dir + "/data/exports")
		if err != nil || len(files) != 2 {
			t.Errorf("%v, %v", files, err)
		}
	})
}

// exported waits until a job is completed.
func (s *server) exported(ref map[string]any) map[string]any {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	pace := time.NewTicker(50 * time.Millisecond) // below the rate limit
	defer pace.Stop()
	for ; ; <-pace.C {
		job := s.call("fetchLegalExportDump", ref)
		switch {
		case job["status"] == "completed":
			return job
		case job["status"] != "queued" && job["status"] != "running", time.Now().After(deadline):
			s.t.Fatalf("the export is %v", job)
		}
	}
}

func (s *server) download(url, bytes string) (status int, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if bytes != "" {
		req.Header.Set("Range", bytes)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// TestExportsEnd: files go after a week, and with their account.
func TestExportsEnd(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		p := fmt.Sprint(s.Ready.Partner.ID)
		order, account := s.order("shop.test", "anna@shop.test")
		ref := map[string]any{"titanOrderId": order, "titanAccountId": account}
		files := func(want int) {
			t.Helper()
			list, err := os.ReadDir(s.Dir + "/data/exports")
			if err != nil || len(list) != want {
				t.Fatalf("%v, %v", list, err)
			}
		}
		ref["jobId"] = s.call("createLegalExportDump", ref)["jobId"]
		link := s.exported(ref)["downloadUrl"].(string)
		files(1)
		s.cli(0, "clock", "advance", p, "--by", "8d")
		if job := s.call("fetchLegalExportDump", ref); job["status"] != "expired" || job["downloadUrl"] != nil {
			t.Errorf("%v", job)
		}
		if status, _ := s.download(link, ""); status != 404 { // the link itself goes by the platform's clock
			t.Errorf("an expired file: %d", status)
		}
		files(0)

		s.call("deleteEmailAccount", map[string]any{"titanOrderId": order, "titanAccountId": account, "email": "anna@shop.test"})
		s.cli(0, "clock", "advance", p, "--by", "29d")
		ref["jobId"] = s.call("createLegalExportDump", ref)["jobId"]
		link = s.exported(ref)["downloadUrl"].(string)
		files(1)
		s.cli(0, "clock", "advance", p, "--by", "2d")
		if status, _ := s.download(link, ""); status != 404 {
			t.Errorf("the file of a purged account: %d", status)
		}
		files(0)
		if r, err := s.Titan(s.ctx, "createLegalExportDump", ref); err != nil || r.Status != 404 {
			t.Errorf("%+v, %v", r, err)
		}
		s.cli(0, "verify")
	})
}
