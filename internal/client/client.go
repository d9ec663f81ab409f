// Package client makes the HTTP clients with which commands ask servers, and writes the addresses of servers without passwords.
package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// New returns a client that sends a header with each request and waits for an answer for at most the timeout, or for ever where
// it is 0. It follows no redirect to another host: what the header has is meant for the one that was named.
func New(header http.Header, timeout time.Duration) *http.Client {
	return &http.Client{Transport: withHeader(header), CheckRedirect: sameHost, Timeout: timeout}
}

type withHeader http.Header

// RoundTrip implements http.RoundTripper.
func (h withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(h) > 0 {
		r = r.Clone(r.Context())
		for k, vs := range h {
			r.Header[k] = vs
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("it redirects 10 times")
	}
	from, to := via[0].URL, r.URL
	if strings.EqualFold(from.Host, to.Host) && (from.Scheme == to.Scheme || from.Scheme == "http") {
		return nil
	}
	// From http to https on the same name: what most servers do that have both.
	if from.Scheme == "http" && to.Scheme == "https" && strings.EqualFold(from.Hostname(), to.Hostname()) && from.Port() == "" && to.Port() == "" {
		return nil
	}
	return fmt.Errorf("it redirects to another host, %s; name that address if it is the right one", to.Redacted())
}

// Address reads the address of a server. Its error says how one is written.
func Address(text, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" { // the error would have the password
		return nil, fmt.Errorf("%q is no address such as %s", Redacted(text), example)
	}
	return u, nil
}

var password = regexp.MustCompile(`(:/{1,2}[^\s/:@"]*:)[^\s/@"]+@`)

// WithoutPasswords returns a text without the passwords of the addresses in it: of an error that quotes what it could not read.
func WithoutPasswords(text string) string { return password.ReplaceAllString(text, "${1}xxxxx@") }

// Redacted returns an address as it may be printed: without its password.
func Redacted(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Redacted()
	}
	end := strings.LastIndex(address, "@")
	if end < 0 {
		return address
	}
	start := 0 // a password may be what makes it no address
	if i := strings.Index(address, "//"); i >= 0 && i < end {
		start = i + 2
	}
	return address[:start] + "xxxxx" + address[end:]
}
