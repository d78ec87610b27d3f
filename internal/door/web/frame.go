package web

import (
	"html/template"
	"net/url"
	"strconv"
)

// frame is what pages inside a partner's page (R3) carry along in their query,
// so that one without a session is shown there too: the origins that may frame
// it are those of the partner that the query names. That header is all that a
// page without a session tells of a partner.
type frame struct {
	partnerID  int64
	resellerID int64
	theme      string
	locale     string
}

// enterFrame is for a route that may be framed.
func (q *request) enterFrame() {
	in := q.r.URL.Query()
	if q.path != pathWidget && in.Get("frame") != "1" {
		return
	}
	id := func(name string) int64 {
		n, err := strconv.ParseInt(in.Get(name), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	q.framed = true
	q.frame = frame{partnerID: id("partnerId"), resellerID: id("resellerId"), locale: in.Get("locale")}
	if t := in.Get("theme"); plainTheme(t) {
		q.frame.theme, q.theme = t, t
	}
	if q.frame.locale != "" {
		q.speak(q.frame.locale)
	}
}

// plainTheme tells the names that pages without a session heed: which others a
// partner has is nobody's business.
func plainTheme(t string) bool { return t == "dark" || t == "light" }

// dressFrame finds who may frame a page that no session dresses.
func (q *request) dressFrame() error {
	if !q.framed || q.dressed {
		return nil
	}
	var err error
	q.frameOrigins, err = q.door.core.FrameOrigins(q.ctx, q.frame.partnerID, q.frame.resellerID)
	return err
}

// values are the frame's part of a query; none outside a frame.
func (q *request) frameValues() url.Values {
	v := url.Values{}
	if !q.framed {
		return v
	}
	v.Set("frame", "1")
	if q.frame.partnerID > 0 {
		v.Set("partnerId", strconv.FormatInt(q.frame.partnerID, 10))
	}
	if q.frame.resellerID > 0 {
		v.Set("resellerId", strconv.FormatInt(q.frame.resellerID, 10))
	}
	if plainTheme(q.frame.theme) {
		v.Set("theme", q.frame.theme)
	}
	if q.frame.locale != "" {
		v.Set("locale", q.locale.Tag)
	}
	return v
}

// frameQuery goes behind the paths of links and forms.
func (q *request) frameQuery() template.URL {
	if v := q.frameValues(); len(v) > 0 {
		return template.URL("?" + v.Encode())
	}
	return ""
}
