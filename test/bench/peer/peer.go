// Package peer runs Debian's Postfix with Dovecot beside Posthouse, on the same
// disk, with their default durability: SMTP in, LMTP between, IMAP out.
package peer

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Format is Dovecot's mailbox format.
type Format string

// The two stores that are measured.
const (
	Maildir Format = "maildir"
	Mdbox   Format = "mdbox"
)

// Peer is a running pair.
type Peer struct {
	Format     Format
	SMTP, IMAP string // addresses
	PIDs       []int  // the two masters; their children do the work
	MailDir    string // where mail lies on disk
	dir        string
	dovecot    *exec.Cmd
}

// Password is every mailbox's password; every address of bench.test exists.
const Password = "bench-password"

// Missing says which Debian packages are needed and absent.
func Missing() []string {
	var out []string
	for file, pkg := range map[string]string{
		"/usr/sbin/postfix": "postfix", "/usr/sbin/dovecot": "dovecot-imapd", "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
	} {
		if _, err := os.Stat(file); err != nil {
			out = append(out, pkg)
		}
	}
	return out
}

// Start needs root: both daemons change users.
func Start(ctx context.Context, format Format) (*Peer, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("postfix and dovecot can only be started by root")
	}
	// Postfix and Dovecot refuse long socket paths and closed parents.
	dir, err := os.MkdirTemp("/var/tmp", "ph-peer-")
	if err != nil {
		return nil, err
	}
	p := &Peer{Format: format, dir: dir, MailDir: filepath.Join(dir, "mail")}
	if err := p.start(ctx); err != nil {
		_ = p.Stop() // the first error is the one to tell
		return nil, err
	}
	return p, nil
}

func (p *Peer) start(ctx context.Context) error {
	if err := os.Chmod(p.dir, 0o755); err != nil {
		return err
	}
	owner, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, gid := atoi(owner.Uid), atoi(owner.Gid)
	if err := os.Mkdir(p.MailDir, 0o700); err != nil {
		return err
	}
	if err := os.Chown(p.MailDir, uid, gid); err != nil {
		return err
	}
	smtp, err := freePort()
	if err != nil {
		return err
	}
	imap, err := freePort()
	if err != nil {
		return err
	}
	p.SMTP, p.IMAP = fmt.Sprintf("127.0.0.1:%d", smtp), fmt.Sprintf("127.0.0.1:%d", imap)
	if err := p.startDovecot(imap, uid, gid); err != nil {
		return err
	}
	if err := p.startPostfix(ctx, smtp); err != nil {
		return err
	}
	for _, a := range []string{p.SMTP, p.IMAP} {
		if err := waitFor(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *Peer) startDovecot(port, uid, gid int) error {
	location := "maildir:~/Maildir"
	if p.Format == Mdbox {
		location = "mdbox:~/mdbox"
	}
	conf := filepath.Join(p.dir, "dovecot.conf")
	text := fmt.Sprintf(`
protocols = imap lmtp
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = %[2]s
mail_max_userip_connections = 0
first_valid_uid = 1
mail_uid = %[3]d
mail_gid = %[4]d
passdb {
  driver = static
  args = password=%[5]s
}
userdb {
  driver = static
  args = uid=%[3]d gid=%[4]d home=%[1]s/mail/%%n
}
service imap-login {
  inet_listener imap {
    port = %[6]d
  }
  inet_listener imaps {
    port = 0
  }
  process_min_avail = 2
  service_count = 0
  client_limit = 4000
}
service imap {
  process_limit = 4000
  client_limit = 1
}
service lmtp {
  process_limit = 200
  unix_listener %[1]s/lmtp {
    mode = 0666
  }
}
service anvil {
  client_limit = 10000
}
service auth {
  client_limit = 10000
}
service stats {
  client_limit = 10000
}
default_client_limit = 10000
default_process_limit = 4000
namespace inbox {
  inbox = yes
}
`, p.dir, location, uid, gid, Password, port)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return err
	}
	p.dovecot = exec.Command("/usr/sbin/dovecot", "-F", "-c", conf)
	if err := p.dovecot.Start(); err != nil {
		return err
	}
	p.PIDs = append(p.PIDs, p.dovecot.Process.Pid)
	return nil
}

func (p *Peer) startPostfix(ctx context.Context, port int) error {
	etc, queue, data := filepath.Join(p.dir, "postfix"), filepath.Join(p.dir, "queue"), filepath.Join(p.dir, "data")
	for _, d := range []string{etc, queue, data} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	if err := os.Chown(data, atoi(owner.Uid), atoi(owner.Gid)); err != nil {
		return err
	}
	main := fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %s
data_directory = %s
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = peer.bench.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks = 192.0.2.1/32
virtual_mailbox_domains = bench.test
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:%s/lmtp
lmtp_destination_recipient_limit = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions =
disable_dns_lookups = yes
maillog_file = /var/log/posthouse-bench-peer.log
biff = no
`, queue, data, p.dir)
	master := fmt.Sprintf(`127.0.0.1:%d inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`, port)
	if err := os.WriteFile(filepath.Join(etc, "main.cf"), []byte(main), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(etc, "master.cf"), []byte(master), 0o644); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "/usr/sbin/postfix", "-c", etc, "start").CombinedOutput(); err != nil {
		return fmt.Errorf("postfix: %w\n%s", err, out)
	}
	pid, err := os.ReadFile(filepath.Join(queue, "pid", "master.pid"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		return err
	}
	p.PIDs = append(p.PIDs, n)
	return nil
}

// Stop ends what Start started and removes its files.
func (p *Peer) Stop() error {
	etc := filepath.Join(p.dir, "postfix")
	if _, err := os.Stat(filepath.Join(etc, "main.cf")); err == nil {
		_ = exec.Command("/usr/sbin/postfix", "-c", etc, "stop").Run() // it may not have come up
	}
	if p.dovecot != nil && p.dovecot.Process != nil {
		_ = p.dovecot.Process.Signal(syscall.SIGTERM)
		_ = p.dovecot.Wait() // its status after SIGTERM says nothing
	}
	return os.RemoveAll(p.dir)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// waitFor tries to connect until it works; it is a wait for a foreign program
// that gives no other signal.
func waitFor(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing answers at %s: %w", addr, err)
		case <-tick.C:
		}
	}
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // from the user database
	return n
}
