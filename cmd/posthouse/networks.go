package main

import (
	"fmt"
	"net/netip"
	"strings"
)

// networksArg are the networks that somebody may call from.
type networksArg struct {
	Networks []string `arg:"" optional:"" help:"Networks such as 192.0.2.0/24, or single addresses."`
	Any      bool     `help:"Allow every address again."`
}

func (a *networksArg) read() ([]netip.Prefix, error) {
	if a.Any == (len(a.Networks) > 0) {
		return nil, fmt.Errorf("give networks, or --any")
	}
	return prefixes(a.Networks)
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range texts {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no network such as 192.0.2.0/24", s)
		}
		out = append(out, n.Masked())
	}
	return out, nil
}

func networkList(n []netip.Prefix) string {
	if len(n) == 0 {
		return "any"
	}
	return strings.Join(networkTexts(n), " ")
}

// networkTexts are networks as scripts see them.
func networkTexts(n []netip.Prefix) []string {
	out := make([]string, len(n))
	for i, p := range n {
		out[i] = p.String()
	}
	return out
}
