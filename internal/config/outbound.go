package config

import "strings"

// Outbound is the outbound queue.
type Outbound struct {
	Routes         map[string]string `toml:"routes" doc:"next hop by recipient domain, '*' for all others: \"example.com\" = \"relay.example.net:25\"; without an entry MX records decide"`
	SandboxSink    string            `toml:"sandbox_sink" doc:"host:port of an SMTP sink that gets mail which sandbox partners send to foreign domains; such mail is captured in any case (posthouse sandbox messages); empty = in development smtp.sink"`
	LocalNames     []string          `toml:"local_names" doc:"further host names by which MX records may mean this installation; hostname is always one"`
	ForwardDomain  string            `toml:"forward_domain" doc:"domain of the senders of forwarded mail (SRS), on all nodes the same; its MX records must lead here and its SPF record name the addresses that mail goes out from; empty = hostname"`
	LocalAddresses []string          `toml:"local_addresses" doc:"IP addresses by which MX records may mean this installation"`
	Lifetime       Duration          `toml:"lifetime" doc:"how long delivery is tried before a message is returned"`
	DelayWarning   Duration          `toml:"delay_warning" doc:"after how long the sender is told once that delivery is late"`
	Concurrency    int               `toml:"concurrency" doc:"deliveries at the same time, all destinations together"`
	PerDestination int               `toml:"per_destination" doc:"deliveries at the same time to one destination"`
}

// ForwardDomain is where the senders of forwarded mail are.
func (c *Config) ForwardDomain() string {
	if c.Outbound.ForwardDomain != "" {
		return strings.ToLower(c.Outbound.ForwardDomain)
	}
	return strings.ToLower(c.Hostname)
}
