// Command tour replays the tours of the documents as they are printed, each
// against a fresh server on free ports, and says what it sees at each step.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"posthouse/test/harness"
)

// limit is the time that a whole tour may take.
const limit = time.Minute

// tours are the documents, and the section with the steps; "" = all of it.
var tours = []struct{ file, section string }{
	{"README.md", "## Five-minute tour"},
	{"docs/tour-resellerclub.md", ""},
	{"docs/tour-basekit.md", ""},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, t := range tours {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], t.file) {
			continue
		}
		if err := run(ctx, t.file, t.section); err != nil {
			fmt.Fprintf(os.Stderr, "tour: %s: %v\n", t.file, err)
			os.Exit(1)
		}
		fmt.Printf("tour: every step did what %s says\n\n", t.file)
	}
}

func run(ctx context.Context, file, section string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	steps, err := parse(file, section)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "posthouse-tour-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"bin", "scripts"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	srv, err := harness.Start(ctx, harness.Options{Binary: filepath.Join(root, "bin/posthouse"), Dir: dir})
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := srv.Stop(); err == nil {
			err = stopErr
		}
	}()
	fmt.Printf("tour: a fresh server serves; its store is empty\n")
	return replay(ctx, dir, steps)
}

// step is one shell block of a document, the sentence before it, and the
// pieces of text that its output must show.
type step struct {
	title, commands string
	want            []string
}

// parse reads a tour's section.
func parse(path, section string) ([]step, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var steps []step
	var prose, block []string
	in, fence := section == "", ""
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := sc.Text()
		switch {
		case section != "" && fence == "" && strings.HasPrefix(line, "## "):
			in = line == section
		case !in:
		case fence == "" && strings.HasPrefix(line, "```"):
			fence, block = strings.TrimPrefix(line, "```"), nil
		case fence != "" && line == "```":
			switch {
			case fence == "sh":
				steps = append(steps, step{title: strings.Join(prose, " "), commands: strings.Join(block, "\n")})
			case fence == "text" && len(steps) > 0:
				steps[len(steps)-1].want = block
			}
			fence, prose = "", nil
		case fence != "":
			block = append(block, line)
		case line != "":
			prose = append(prose, line)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	if len(steps) < 5 {
		return nil, fmt.Errorf("%s: only %d steps found", path, len(steps))
	}
	return steps, nil
}

// endMark ends each step's output; the shell goes on, so that variables live.
const endMark = "__end_of_tour_step__"

func replay(ctx context.Context, dir string, steps []step) error {
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-e")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		w.Close()
		ended <- err
	}()
	r := bufio.NewReader(out)
	for i, s := range steps {
		fmt.Printf("\n== step %d of %d: %s\n", i+1, len(steps), s.title)
		// No command may read the shell's own input.
		if _, err := fmt.Fprintf(in, "{\n%s\n} </dev/null\necho; echo %s\n", s.commands, endMark); err != nil {
			return err
		}
		seen, err := until(r, endMark)
		fmt.Print(indent(seen))
		if err != nil {
			return fmt.Errorf("step %d failed: the shell ended: %v", i+1, <-ended)
		}
		for _, want := range s.want {
			if !strings.Contains(seen, want) {
				return fmt.Errorf("step %d: the output does not show %q", i+1, want)
			}
			fmt.Printf("   sees: %s\n", want)
		}
	}
	if err := in.Close(); err != nil {
		return err
	}
	return <-ended
}

func until(r *bufio.Reader, mark string) (string, error) {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if strings.TrimSpace(line) == mark {
			return b.String(), nil
		}
		b.WriteString(line)
		if err != nil {
			return b.String(), err
		}
	}
}

func indent(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	return "   | " + strings.ReplaceAll(s, "\n", "\n   | ") + "\n"
}
