// Package metric exports what the packages count.
package metric

import "github.com/prometheus/client_golang/prometheus"

// Register exports metrics; without a reg they are counted all the same.
func Register(reg prometheus.Registerer, metrics ...prometheus.Collector) error {
	if reg == nil {
		return nil
	}
	for _, m := range metrics {
		if err := reg.Register(m); err != nil {
			return err
		}
	}
	return nil
}
