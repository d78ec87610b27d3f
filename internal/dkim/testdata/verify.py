#!/usr/bin/python3
"""Verifies signed.eml with dkimpy and opendkim, two implementations that share no code with ours."""
import os, subprocess, sys, tempfile
import dkim

here = os.path.dirname(os.path.abspath(__file__))
msg = open(os.path.join(here, "signed.eml"), "rb").read()
zone = dict(line.rstrip("\n").split(" ", 1) for line in open(os.path.join(here, "keys.txt")))
failed = False

def lookup(name, timeout=5):
    return zone.get(name.decode().rstrip("."), "").encode() or None

for i, what in enumerate(["first", "second"]):
    ok = dkim.DKIM(msg).verify(idx=i, dnsfunc=lookup)
    print("dkimpy:", what, "signature", "good" if ok else "BAD")
    failed |= not ok

tampered = msg.replace(b"Subject: ", b"Subject: not ", 1)
if dkim.DKIM(tampered).verify(idx=0, dnsfunc=lookup):
    print("dkimpy: a tampered message is good"); failed = True

with tempfile.TemporaryDirectory() as d:
    keys = os.path.join(d, "keys")
    open(keys, "w").write("".join("%s %s\n" % kv for kv in zone.items()))
    conf = os.path.join(d, "conf")
    open(conf, "w").write("Mode v\nTestPublicKeys %s\nUserID %d\n" % (keys, os.getuid()))
    r = subprocess.run(["/usr/sbin/opendkim", "-x", conf, "-vvv", "-t", os.path.join(here, "signed.eml")], capture_output=True, text=True)
    out = (r.stdout + r.stderr).strip()
    for a, sel in ("rsa-sha256", "rsa"), ("ed25519-sha256", "ed25519"):
        ok = any("dkim=pass" in line and "header.a=%s header.s=%s" % (a, sel) in line for line in out.splitlines())
        print("opendkim:", a, "good" if ok else "BAD\n" + out)
        failed |= not ok

sys.exit(1 if failed else 0)
