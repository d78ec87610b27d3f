package basekit

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// encoded is RFC 5849's percent-encoding.
func encoded(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// sign gives the Authorization header of RFC 5849 as the vendor's clients write
// it (2.1): no realm, no body hash, a nonce of 40 hex digits.
func (w *world) sign(u *apiUser, req *http.Request, fields url.Values) string {
	oauth := url.Values{
		"oauth_consumer_key": {u.ConsumerKey}, "oauth_token": {u.Token}, "oauth_nonce": {fmt.Sprintf("%040x", time.Now().UnixNano())},
		"oauth_signature_method": {"HMAC-SHA1"}, "oauth_timestamp": {fmt.Sprint(time.Now().Unix())}, "oauth_version": {"1.0"},
	}
	var pairs []string
	for _, set := range []url.Values{oauth, req.URL.Query(), fields} {
		for name, values := range set {
			for _, v := range values {
				pairs = append(pairs, encoded(name)+"="+encoded(v))
			}
		}
	}
	slices.Sort(pairs)
	target := "http://" + req.URL.Host + req.URL.EscapedPath()
	base := req.Method + "&" + encoded(target) + "&" + encoded(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(encoded(u.ConsumerSecret)+"&"+encoded(u.TokenSecret)))
	mac.Write([]byte(base))
	oauth.Set("oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	var out []string
	for name := range oauth {
		out = append(out, encoded(name)+`="`+encoded(oauth.Get(name))+`"`)
	}
	slices.Sort(out)
	return "OAuth " + strings.Join(out, ", ")
}
