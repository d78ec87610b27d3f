package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is USER_HZ, which Linux fixes at 100 for /proc.
const tick = 10 * time.Millisecond

// cpu is the processor time of the trees below pids, ended children included.
func cpu(pids []int) time.Duration {
	parents, used := map[int]int{}, map[int]time.Duration{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, f := range dirs {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // ended meanwhile
		}
		// The command may hold spaces and parentheses: fields count from the last ')'.
		_, rest, ok := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), ") ")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) < 15 {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err != nil {
			continue
		}
		parents[pid] = number(fields[1])
		// utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
		used[pid] = tick * time.Duration(number(fields[11])+number(fields[12])+number(fields[13])+number(fields[14]))
	}
	roots := map[int]bool{}
	for _, p := range pids {
		roots[p] = true
	}
	var total time.Duration
	for pid, d := range used {
		for p := pid; p > 1; p = parents[p] {
			if roots[p] {
				total += d
				break
			}
		}
	}
	return total
}

// resident is the resident memory of the trees below pids in bytes; pages
// shared by several processes count once each (Pss).
func resident(pids []int) int64 {
	var total int64
	for _, pid := range tree(pids) {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				total += int64(number(strings.Fields(rest)[0])) << 10
			}
		}
	}
	return total
}

func tree(pids []int) []int {
	children := map[int][]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range dirs {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		_, rest, ok := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), ") ")
		if fields := strings.Fields(rest); ok && len(fields) > 1 {
			pid := number(filepath.Base(filepath.Dir(f)))
			children[number(fields[1])] = append(children[number(fields[1])], pid)
		}
	}
	var out []int
	var visit func(int)
	visit = func(p int) {
		out = append(out, p)
		for _, c := range children[p] {
			visit(c)
		}
	}
	for _, p := range pids {
		visit(p)
	}
	return out
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // from /proc
	return n
}

// diskUsed is what the files below dir take on disk.
func diskUsed(dir string) int64 {
	var total int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // files come and go under a running server
		}
		if info, err := d.Info(); err == nil {
			total += allocated(info)
		}
		return nil
	})
	return total
}

// inotifyInstances is how many inotify instances one user may have.
func inotifyInstances() int {
	b, err := os.ReadFile("/proc/sys/fs/inotify/max_user_instances")
	if err != nil {
		return 0
	}
	return number(strings.TrimSpace(string(b)))
}
