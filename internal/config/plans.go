package config

import "posthouse/internal/core/plan"

// Plans overrides the catalogue.
type Plans struct {
	StorageMB map[string]int64 `toml:"storage_mb" doc:"storage of one mailbox in MB by plan name, over the catalogue's defaults"`
	Seats     map[string]int   `toml:"seats" doc:"seats of free and trial plans by plan name, over the catalogue's defaults"`
}

// Catalogue is the default catalogue with the configured overrides.
func (c *Config) Catalogue() plan.Catalogue {
	cat := plan.DefaultCatalogue()
	for name, mb := range c.Plans.StorageMB {
		t := cat[plan.Plan(name)]
		t.StorageMB = mb
		cat[plan.Plan(name)] = t
	}
	for name, n := range c.Plans.Seats {
		t := cat[plan.Plan(name)]
		t.DefaultSeats = n
		cat[plan.Plan(name)] = t
	}
	return cat
}
