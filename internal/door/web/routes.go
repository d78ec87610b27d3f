package web

import (
	"net/http"
	"slices"
	"strings"
)

// side says which application a page belongs to.
type side int

const (
	sideBoth side = iota
	sidePanel
	sideWebmail
)

// route is one page. A path that ends in "/" stands for everything below it.
type route struct {
	method string
	path   string
	side   side
	framed bool // may be inside a partner's page
	serve  func(*request) error
}

// routes is every page of the door. Another group of pages is a function of its
// own that is added here.
func routes() []route {
	return slices.Concat(rootRoutes(), redirectRoutes(), ticketRoutes(), sessionRoutes(), panelRoutes(), passwordRoutes(), invoiceRoutes())
}

// rootRoutes answer "/", which belongs to the pages only with a token in the
// query or under a host name of their own: see find.
func rootRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/", serve: (*request).root},
	}
}

// find gives the route of a request; nil when no page of this door is meant. A
// route of another method stands for the path when there is none of the right
// one, and one without serve for a path below ours that has no page.
func (d *Door) find(r *http.Request) *route {
	path := strings.TrimSuffix(r.URL.Path, "/")
	at := host(r)
	if path == "" {
		in := r.URL.Query()
		if !in.Has(paramR1) && !in.Has(paramLoginToken) && (at == "" || at != d.panelHost && at != d.webmailHost) {
			return nil
		}
		return &d.routes[0]
	}
	var found *route
	for i := range d.routes {
		t := &d.routes[i]
		if t.path == "/" || !t.matches(path) || !d.shows(t.side, at) {
			continue
		}
		if t.method == r.Method {
			return t
		}
		found = t
	}
	if found == nil && (below(path, "/panel") && d.shows(sidePanel, at) || below(path, "/webmail") && d.shows(sideWebmail, at)) {
		return &route{path: "none", method: r.Method, framed: below(path, "/panel")}
	}
	return found
}

func below(path, parent string) bool { return strings.HasPrefix(path, parent+"/") }

// matches compares without regard to case: partners write these paths by hand.
func (t *route) matches(path string) bool {
	if prefix, ok := strings.CutSuffix(t.path, "/"); ok {
		return len(path) > len(prefix) && strings.EqualFold(path[:len(prefix)+1], t.path)
	}
	return strings.EqualFold(path, t.path)
}

// shows keeps the two applications apart where they have host names.
func (d *Door) shows(s side, at string) bool {
	switch {
	case d.panelHost == d.webmailHost || s == sideBoth:
		return true
	case at == d.panelHost:
		return s == sidePanel
	case at == d.webmailHost:
		return s == sideWebmail
	}
	return true
}

// wrongMethod names what a path answers.
func (q *request) wrongMethod(path string) error {
	var allowed []string
	for _, t := range q.door.routes {
		if t.path == path {
			allowed = append(allowed, t.method)
		}
	}
	q.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return errMethod
}
