package main

import (
	"context"
	"fmt"

	"posthouse/internal/mailstore"
)

type verifyCmd struct {
	JSON bool `help:"Print JSON."`
}

// findingsShown bounds what is printed; all are counted.
const findingsShown = 1000

func (k *verifyCmd) Run(ctx context.Context, c *cli, out *output) error {
	return c.withPlatform(ctx, out, func(p *platform) error {
		var found []string
		report, err := p.mail.Verify(ctx, func(f mailstore.Finding) {
			if len(found) < findingsShown {
				found = append(found, f.String())
			}
			if !k.JSON {
				fmt.Fprintln(out.errs, f)
			}
		})
		if err != nil {
			return err
		}
		if k.JSON {
			if err := printJSON(out, map[string]any{"report": report, "findings": found}); err != nil {
				return err
			}
		} else if _, err := fmt.Fprintf(out, "verify: %d accounts, %d folders, %d messages in them, %d stored (%s read), %d findings\n",
			report.Accounts, report.Folders, report.Entries, report.Messages, size(report.Bytes), report.Findings); err != nil {
			return err
		}
		if report.Findings > 0 {
			return fmt.Errorf("verify: %d findings", report.Findings)
		}
		return nil
	})
}
