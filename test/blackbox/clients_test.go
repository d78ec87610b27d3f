package blackbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mbsyncrc is a two-way mirror of anna's mailbox into Mail/.
func (s *server) mbsyncrc() string {
	host, port := hostPort(s.Addr("imaps"))
	return s.file("mbsyncrc", fmt.Sprintf(`IMAPAccount anna
Host %s
Port %s
User anna@example.test
Pass "%s"
SSLType IMAPS
CertificateFile %s

IMAPStore far
Account anna

MaildirStore near
Path %s/
Inbox %s/INBOX
SubFolders Verbatim

Channel anna
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`, host, port, password, filepath.Join(s.Dir, "data/tls/cert.pem"), filepath.Join(s.Dir, "Mail"), filepath.Join(s.Dir, "Mail")))
}

func maildir(t *testing.T, s *server, folder string) []string {
	t.Helper()
	var out []string
	for _, sub := range []string{"new", "cur"} {
		files, err := filepath.Glob(filepath.Join(s.Dir, "Mail", folder, sub, "*"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, files...)
	}
	return out
}

// mbsync mirrors, changes both ways, and the second run of two transfers nothing.
func TestMbsync(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		if err := os.MkdirAll(filepath.Join(s.Dir, "Mail"), 0o700); err != nil {
			t.Fatal(err)
		}
		s.order("example.test", "anna@example.test")
		for i := range 5 {
			s.receive("anna@example.test", fmt.Sprintf("Message %d", i))
		}
		rc := s.mbsyncrc()
		s.program("mbsync", "-c", rc, "-a")
		if n := len(maildir(t, s, "INBOX")); n != 5 {
			t.Fatalf("%d messages arrived in the Maildir", n)
		}
		for _, special := range []string{"Drafts", "Sent", "Junk", "Trash", "Archive"} {
			if _, err := os.Stat(filepath.Join(s.Dir, "Mail", special)); err != nil {
				t.Errorf("no folder %s in a new mailbox: %v", special, err)
			}
		}
		s.mbsyncIdle(rc)

		// Read one here, make one here, delete one here; the server follows.
		files := maildir(t, s, "INBOX")
		if err := os.Rename(files[0], filepath.Join(s.Dir, "Mail/INBOX/cur", trimFlags(files[0])+":2,SF")); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(files[1]); err != nil {
			t.Fatal(err)
		}
		s.file("Mail/Drafts/new/1.made.here", "From: anna@example.test\nSubject: A draft\n\nto be written\n")
		s.program("mbsync", "-c", rc, "-a")
		contains(t, s.imap("STATUS INBOX (MESSAGES UNSEEN)"), "MESSAGES 4", "UNSEEN 3")
		contains(t, s.imap("STATUS Drafts (MESSAGES)"), "MESSAGES 1")
		contains(t, s.imap("SEARCH FLAGGED", "INBOX"), "* SEARCH ")
		s.mbsyncIdle(rc)
	})
}

// mbsyncIdle wants a run that transfers nothing. Only on a terminal does mbsync
// count, so script gives it one.
func (s *server) mbsyncIdle(rc string) {
	s.t.Helper()
	contains(s.t, s.program("script", "-qec", "mbsync -c "+rc+" -a", "/dev/null"), "B: 6/6  F: +0/0 *0/0 #0/0  N: +0/0 *0/0 #0/0")
}

func trimFlags(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ":")
	return name
}

// imap runs one IMAP command by curl, in a folder if one is given.
func (s *server) imap(command string, folder ...string) string {
	s.t.Helper()
	url := "imaps://" + s.Addr("imaps") + "/" + strings.Join(folder, "")
	return s.program("curl", "-sS", "-k", url, "-u", "anna@example.test:"+password, "-X", command)
}

// fetch gets one message by curl; with -X it would not print literals.
func (s *server) fetch(path string) string {
	s.t.Helper()
	return s.program("curl", "-sS", "-k", "imaps://"+s.Addr("imaps")+"/"+path, "-u", "anna@example.test:"+password)
}

func TestCurl(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", "anna@example.test")
		s.receive("anna@example.test", "By the MX")
		file := s.file("letter.eml", "From: anna@example.test\r\nTo: bob@elsewhere.test\r\nSubject: By APPEND\r\n\r\nHello\r\n")
		s.program("curl", "-sS", "-k", "imaps://"+s.Addr("imaps")+"/Drafts", "-u", "anna@example.test:"+password, "-T", file)
		contains(t, s.fetch("Drafts;UID=1"), "Subject: By APPEND", "Hello")
		contains(t, s.fetch("INBOX;UID=1"), "Subject: By the MX")
		contains(t, s.imap("STORE 1 +FLAGS (\\Flagged)", "INBOX"), "\\Flagged")
		contains(t, s.imap("SEARCH FLAGGED SUBJECT \"the mx\"", "INBOX"), "* SEARCH 1")
		contains(t, s.imap("UID MOVE 1 Archive", "INBOX"), "COPYUID", "EXPUNGE")
		contains(t, s.imap("STATUS Archive (MESSAGES)"), "MESSAGES 1")
		// STARTTLS on the other port; without it nobody gets in.
		contains(t, s.program("curl", "-sS", "-k", "--ssl-reqd", "imap://"+s.Addr("imap")+"/", "-u", "anna@example.test:"+password), "INBOX")
		if out, err := s.try("curl", "-sS", "imap://"+s.Addr("imap")+"/", "-u", "anna@example.test:"+password); err == nil {
			t.Fatalf("a password was taken in plain text:\n%s", out)
		}
	})
}

func TestOfflineIMAP(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", "anna@example.test")
		s.receive("anna@example.test", "Offline")
		_, port := hostPort(s.Addr("imaps"))
		rc := s.file("offlineimaprc", fmt.Sprintf(`[general]
accounts = anna
metadata = %[1]s/offline-meta
[Account anna]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = %[1]s/Mail
[Repository far]
type = IMAP
remotehost = localhost
remoteport = %[2]s
remoteuser = anna@example.test
remotepass = %[3]s
ssl = yes
sslcacertfile = %[1]s/data/tls/cert.pem
`, s.Dir, port, password))
		s.program("offlineimap", "-c", rc, "-u", "basic", "-o", "-1")
		files := maildir(t, s, "INBOX")
		if len(files) != 1 {
			t.Fatalf("%d messages", len(files))
		}
		if err := os.Rename(files[0], filepath.Join(s.Dir, "Mail/INBOX/cur", trimFlags(files[0])+":2,RS")); err != nil {
			t.Fatal(err)
		}
		s.program("offlineimap", "-c", rc, "-u", "basic", "-o", "-1")
		contains(t, s.imap("FETCH 1 (FLAGS)", "INBOX"), "\\Answered", "\\Seen")
	})
}

// neomutt opens the inbox, flags and deletes by its own commands, and saves.
func TestNeomutt(t *testing.T) {
	engines(t, func(t *testing.T, s *server) {
		s.order("example.test", "anna@example.test")
		s.receive("anna@example.test", "Keep me")
		s.receive("anna@example.test", "Remove me")
		rc := s.file("muttrc", fmt.Sprintf(`set folder = "imaps://%[1]s/"
set spoolfile = "imaps://%[1]s/INBOX"
set imap_user = "anna@example.test"
set imap_pass = "%[2]s"
set certificate_file = "%[3]s/data/tls/cert.pem"
set ssl_verify_host = no
set ssl_ca_certificates_file = "%[3]s/data/tls/cert.pem"
set header_cache = "%[3]s/mutt-cache"
set delete = yes
set confirmappend = no
set wait_key = no
set sort = mailbox-order
unset mark_old
push "<first-entry><flag-message><last-entry><delete-message><sync-mailbox><quit>"
`, s.Addr("imaps"), password, s.Dir))
		// script gives it the terminal that it wants.
		s.program("script", "-qec", "neomutt -n -F "+rc, "/dev/null")
		contains(t, s.imap("STATUS INBOX (MESSAGES)"), "MESSAGES 1")
		contains(t, s.imap("FETCH 1 (FLAGS)", "INBOX"), "\\Flagged")
		contains(t, s.fetch("INBOX;MAILINDEX=1"), "Keep me")
	})
}
