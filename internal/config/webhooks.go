package config

import "net/netip"

// Webhooks are the deliveries of events to partners.
type Webhooks struct {
	AllowNetworks []string `toml:"allow_networks" doc:"networks that webhooks may be sent to beside the public ones, such as 10.1.0.0/16; empty = none, in development loopback"`
	CAFile        string   `toml:"ca_file" doc:"PEM file with certificates of authorities that receivers' certificates may be signed by, beside the system's"`
	Concurrency   int      `toml:"concurrency" doc:"webhooks sent at the same time, all receivers together"`
	PerEndpoint   int      `toml:"per_endpoint" doc:"webhooks sent at the same time to one receiver"`
	Keep          Duration `toml:"keep" doc:"how long delivered webhooks and their attempts stay listed"`
}

// loopback is what development allows by itself.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// WebhookNetworks are the networks that webhooks may be sent to beside the public ones.
func (c *Config) WebhookNetworks() ([]netip.Prefix, error) {
	if len(c.Webhooks.AllowNetworks) == 0 && c.Mode == Development {
		return loopback, nil
	}
	var out []netip.Prefix
	for _, s := range c.Webhooks.AllowNetworks {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (c *Config) checkWebhooks(bad func(key, format string, a ...any)) {
	for _, s := range c.Webhooks.AllowNetworks {
		if _, err := netip.ParsePrefix(s); err != nil {
			bad("webhooks.allow_networks", "%q is no network such as 10.0.0.0/8", s)
		}
	}
	for key, n := range map[string]int64{"webhooks.concurrency": int64(c.Webhooks.Concurrency), "webhooks.per_endpoint": int64(c.Webhooks.PerEndpoint),
		"webhooks.keep": int64(c.Webhooks.Keep)} {
		if n <= 0 {
			bad(key, "must be more than 0")
		}
	}
}
