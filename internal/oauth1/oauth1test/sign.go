// Package oauth1test signs requests as clients do.
package oauth1test

import (
	"encoding/base64"
	"testing"

	"posthouse/internal/oauth1"
)

// SignQuery adds the signature to a request whose query has the protocol's other
// parameters, and gives it as a server reads it.
func SignQuery(t testing.TB, r *oauth1.Request, consumerSecret, tokenSecret string) *oauth1.Signed {
	t.Helper()
	query := r.Query + "&oauth_signature="
	r.Query = query + "AA%3D%3D"
	s, err := oauth1.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Query = query + oauth1.Escape(base64.StdEncoding.EncodeToString(oauth1.Sign(s.Method, s.Base(), consumerSecret, tokenSecret)))
	if s, err = oauth1.Parse(r); err != nil {
		t.Fatal(err)
	}
	return s
}

// SignHeader is SignQuery for an Authorization header that lacks the signature.
func SignHeader(t testing.TB, r *oauth1.Request, consumerSecret, tokenSecret string) *oauth1.Signed {
	t.Helper()
	header := r.Authorization + `, oauth_signature="`
	r.Authorization = header + `AA%3D%3D"`
	s, err := oauth1.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Authorization = header + oauth1.Escape(base64.StdEncoding.EncodeToString(oauth1.Sign(s.Method, s.Base(), consumerSecret, tokenSecret))) + `"`
	if s, err = oauth1.Parse(r); err != nil {
		t.Fatal(err)
	}
	return s
}
