// Withpostgres runs a command with a PostgreSQL server for tests, which all the
// command's test binaries share: a server's start and the schema's migration are
// paid once.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"posthouse/internal/store/pgtest"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(command []string) int {
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "withpostgres: which command?")
		return 2
	}
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // typed at the terminal it reaches the command, whose end is waited for
	variable, stop, err := pgtest.Serve()
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
		return 1
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), variable)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if stopErr := stop(); stopErr != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", stopErr)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
		return 1
	}
	return 0
}
