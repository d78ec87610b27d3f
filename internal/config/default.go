package config

import "time"

// Default is the configuration with nothing configured.
func Default() *Config {
	return &Config{
		Mode:     Development,
		Hostname: "posthouse.localhost",
		Data:     "data",
		HTTP:     HTTP{Listen: []string{"127.0.0.1:8080"}},
		SMTP: SMTP{
			MX:                    []string{"127.0.0.1:2525"},
			Submission:            []string{"127.0.0.1:2587"},
			Submissions:           []string{"127.0.0.1:2465"},
			Sink:                  []string{"127.0.0.1:2526"},
			MaxMessageBytes:       50 << 20,
			MaxConnections:        1000,
			MaxConnectionsPerHost: 100,
		},
		IMAP: IMAP{
			Listen:                []string{"127.0.0.1:2143"},
			ListenTLS:             []string{"127.0.0.1:2993"},
			MaxConnections:        10000,
			MaxConnectionsPerHost: 100,
		},
		Store:        Store{Engine: "sqlite"},
		Outbound:     Outbound{Lifetime: Duration(120 * time.Hour), DelayWarning: Duration(4 * time.Hour), Concurrency: 100, PerDestination: 10},
		Brand:        Brand{Name: "Posthouse"},
		Login:        Login{HashMemoryKiB: 19 << 10, HashTime: 2},
		Log:          Log{Level: "info", Format: "text"},
		ResellerClub: ResellerClub{Enabled: true},
		BaseKit:      BaseKit{Enabled: true, Listen: []string{"127.0.0.1:8081"}},
		Webhooks:     Webhooks{Concurrency: 128, PerEndpoint: 32, Keep: Duration(30 * 24 * time.Hour)},
	}
}
