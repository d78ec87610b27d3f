package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// drain is how long a shutdown waits for work under way.
const drain = 20 * time.Second

// server is a door on its listeners.
type server struct {
	name  string
	serve func() error
	stop  func(context.Context) error
}

// listeners opens every address before anything is served, so that a taken
// port ends the start and not a half-started server.
type listeners struct {
	bound   map[string][]string // by kind, for the ready line
	servers []server
	opened  []net.Listener
}

func (l *listeners) open(ctx context.Context, kind string, addrs []string) ([]net.Listener, error) {
	var out []net.Listener
	for _, a := range addrs {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		l.opened = append(l.opened, ln)
		out = append(out, ln)
		l.bound[kind] = append(l.bound[kind], ln.Addr().String())
	}
	return out, nil
}

// add opens addrs and remembers how to serve and stop each of them.
func (l *listeners) add(ctx context.Context, kind string, addrs []string, serve func(net.Listener) error, stop func(context.Context) error) error {
	lns, err := l.open(ctx, kind, addrs)
	if err != nil {
		return err
	}
	for _, ln := range lns {
		l.servers = append(l.servers, server{name: kind, serve: func() error { return serve(ln) }, stop: stop})
	}
	return nil
}

// addHTTP is add for a handler; tlsConfig nil means plain HTTP.
func (l *listeners) addHTTP(ctx context.Context, kind string, addrs []string, h http.Handler, tlsConfig *tls.Config) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    256 << 10, // the ResellerClub API has a form's worth of parameters in the query

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered as each API answers what it does not know
	}
	return l.add(ctx, kind, addrs, func(ln net.Listener) error {
		if tlsConfig != nil {
			ln = tls.NewListener(ln, tlsConfig)
		}
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, srv.Shutdown)
}

// closeAll is for a start that failed.
func (l *listeners) closeAll() {
	for _, ln := range l.opened {
		_ = ln.Close() // the start's error is the one to tell
	}
}

// run serves until ctx ends or one server fails, then stops all, within drain.
func (l *listeners) run(ctx context.Context, jobs ...func(context.Context) error) error {
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	var g errgroup.Group
	for _, s := range l.servers {
		g.Go(func() error {
			defer cancel()
			if err := s.serve(); err != nil && serving.Err() == nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			return nil
		})
	}
	// Jobs outlive the doors, which may hand them their last work.
	working, endJobs := context.WithCancel(context.WithoutCancel(ctx))
	var j errgroup.Group
	for _, job := range jobs {
		j.Go(func() error {
			err := job(working)
			if working.Err() != nil && errors.Is(err, context.Canceled) {
				return nil // stopped while it began
			}
			return err
		})
	}
	<-serving.Done()
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer done()
	var stops errgroup.Group
	for _, s := range l.servers {
		stops.Go(func() error {
			if err := s.stop(stopping); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			return nil
		})
	}
	err := errors.Join(stops.Wait(), g.Wait())
	endJobs()
	return errors.Join(err, j.Wait())
}
