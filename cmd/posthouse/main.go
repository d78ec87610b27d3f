// Command posthouse is the whole platform in one binary: the server, and the
// commands of the operator and of support staff.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"posthouse/internal/config"
	"posthouse/internal/core/partner"
	"posthouse/internal/fault"
)

// version is set by the linker.
var version = "development"

// cli is the command line. Every command's help is its tag.
type cli struct {
	Config string `help:"Configuration file (TOML). Without one the defaults serve on loopback." env:"POSTHOUSE_CONFIG" type:"path" placeholder:"FILE"`

	Serve     serveCmd     `cmd:"" help:"Run the server."`
	Partner   partnerCmd   `cmd:"" help:"Partners and their API keys."`
	Reseller  resellerCmd  `cmd:"" help:"Resellers below partners: their tree, keys, products and prices."`
	BaseKit   basekitCmd   `cmd:"" name:"basekit" help:"Brands of the BaseKit API: their settings and who calls for them."`
	Order     orderCmd     `cmd:"" help:"Mail orders: look them up, suspend them."`
	Ledger    ledgerCmd    `cmd:"" help:"What customers and resellers have paid and owe."`
	Invoice   invoiceCmd   `cmd:"" help:"Invoices, and links to their pages."`
	Account   accountCmd   `cmd:"" help:"Email accounts: look them up, suspend them."`
	Queue     queueCmd     `cmd:"" help:"The outbound queue."`
	Notice    noticeCmd    `cmd:"" help:"Mails that the platform writes itself."`
	Due       dueCmd       `cmd:"" help:"What the platform does by itself, and when."`
	Log       logCmd       `cmd:"" help:"A partner's events and audit log."`
	Clock     clockCmd     `cmd:"" help:"Clocks of sandbox partners."`
	Sandbox   sandboxCmd   `cmd:"" help:"Mail of sandbox partners, which never leaves the machine."`
	Webhook   webhookCmd   `cmd:"" help:"Events on their way to partners."`
	Verify    verifyCmd    `cmd:"" help:"Check the index against the stored messages, counts and UIDs."`
	ConfigCmd configCmd    `cmd:"" name:"config" help:"Check and explain the configuration."`
	Reference referenceCmd `cmd:"" help:"Print the reference of all commands as Markdown." hidden:""`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// output is where a command writes what it was asked for; diagnostics go to stderr.
type output struct {
	io.Writer
	errs io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status, 0 for success,
// 1 for a failure, 2 for a command line that can't be understood.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("posthouse"),
		kong.Description("Business email that you run and sell under your own name."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Vars{"scopes": strings.Join(scopeNames(partner.Scopes()), ", ")},
	)
	if err != nil {
		fmt.Fprintln(stderr, "posthouse:", err)
		return 2
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help": // as many programs have it: help partner create
		args = append(args[1:len(args):len(args)], "--help")
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help was answered
	}
	if err != nil {
		fmt.Fprintln(stderr, "posthouse:", err)
		fmt.Fprintln(stderr, "Try: posthouse --help")
		return 2
	}
	err = k.Run(&c, &output{Writer: stdout, errs: stderr})
	if err != nil {
		fmt.Fprintln(stderr, "posthouse:", explain(err))
		return 1
	}
	return 0
}

// explain gives an operator the public text and the cause: who runs the
// binary may see both.
func explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	s := f.Text
	if f.Reason != "" {
		s += " (" + f.Reason + ")"
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// load reads the configuration that the command line names.
func (c *cli) load() (*config.Config, error) { return config.Load(c.Config, os.Environ()) }

type versionCmd struct {
	JSON bool `help:"Print JSON."`
}

func (v *versionCmd) Run(out *output) error {
	if v.JSON {
		return printJSON(out, map[string]string{"version": version})
	}
	_, err := fmt.Fprintln(out, "posthouse", version)
	return err
}
