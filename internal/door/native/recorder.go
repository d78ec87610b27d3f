package native

import (
	"bytes"
	"net/http"
	"strconv"
)

// recorder holds an answer back until it is complete, so that one that fails on
// the way is not half sent and one with an idempotency key is kept first. What
// is long is streamed.
type recorder struct {
	to        http.ResponseWriter
	header    http.Header
	status    int
	body      bytes.Buffer
	streaming bool
	aborted   bool // nothing more is sent
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.aborted {
		return len(b), nil
	}
	r.WriteHeader(http.StatusOK)
	if r.streaming {
		return r.to.Write(b)
	}
	return r.body.Write(b)
}

// stream sends the head and from now on everything at once.
func (r *recorder) stream(status int) {
	r.WriteHeader(status)
	r.head()
	r.streaming = true
	r.to.WriteHeader(r.status)
}

// reset forgets what has not been sent.
func (r *recorder) reset() {
	if r.streaming {
		return
	}
	id := r.header.Get("X-Request-Id")
	r.header = http.Header{"X-Request-Id": {id}}
	r.status = 0
	r.body.Reset()
}

func (r *recorder) head() {
	h := r.to.Header()
	for k, v := range r.header {
		h[k] = v
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// finish sends what was held back.
func (r *recorder) finish() {
	if r.streaming {
		return
	}
	r.WriteHeader(http.StatusOK)
	r.head()
	if r.body.Len() > 0 {
		r.to.Header().Set("Content-Length", strconv.Itoa(r.body.Len()))
	}
	r.to.WriteHeader(r.status)
	_, _ = r.to.Write(r.body.Bytes()) // the client may be gone
}
