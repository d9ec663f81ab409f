package mail_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	netsmtp "net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/obsgen/obsgen/instrument/mail"
)

type events struct {
	mu   sync.Mutex
	list []string
}

func (e *events) add(s string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, s)
}
func (e *events) Received()          { e.add("received") }
func (e *events) Stored()            { e.add("stored") }
func (e *events) Failed(kind string) { e.add("failed " + kind) }
func (e *events) Close()             { e.add("close") }

// box is a mailbox that refuses some senders and recipients.
type box struct{}

func (box) Mail(from string, _ *smtp.MailOptions) error {
	if strings.HasPrefix(from, "spam") {
		return &smtp.SMTPError{Code: 550, Message: "go away"}
	}
	return nil
}
func (box) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "full") {
		return &smtp.SMTPError{Code: 452, Message: "later"}
	}
	return nil
}
func (box) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err == nil && strings.Contains(string(b), "virus") {
		err = &smtp.SMTPError{Code: 554, Message: "no"}
	}
	return err
}
func (box) Reset()                   {}
func (box) Logout() error            { return nil }
func (box) AuthMechanisms() []string { return []string{sasl.Plain} }
func (box) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "secret" {
			return errors.New("wrong password")
		}
		return nil
	}), nil
}

func TestSessions(t *testing.T) {
	var e *events
	var mu sync.Mutex
	server := smtp.NewServer(mail.Backend(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return box{}, nil }), func(*smtp.Conn) mail.Recorder {
		mu.Lock()
		defer mu.Unlock()
		return e
	}))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	send := func(from, to, text string, auth netsmtp.Auth) error {
		return netsmtp.SendMail(l.Addr().String(), auth, from, []string{to}, []byte("Subject: x\r\n\r\n"+text+"\r\n"))
	}
	plain := func(password string) netsmtp.Auth { return netsmtp.PlainAuth("", "ann", password, "127.0.0.1") }
	for _, c := range []struct {
		name string
		do   func() error
		want string
		fail bool
	}{
		{"a mail", func() error { return send("ann@x.org", "bob@x.org", "hello", nil) }, "received, stored, close", false},
		{"a mail of somebody known", func() error { return send("ann@x.org", "bob@x.org", "hello", plain("secret")) }, "received, stored, close", false},
		{"a wrong password", func() error { return send("ann@x.org", "bob@x.org", "hello", plain("guess")) }, "failed auth_failed, close", true},
		{"a sender that is refused", func() error { return send("spam@x.org", "bob@x.org", "hello", nil) }, "failed rejected, close", true},
		{"a mailbox that is full", func() error { return send("ann@x.org", "full@x.org", "hello", nil) }, "failed try_later, close", true},
		{"a text that is refused", func() error { return send("ann@x.org", "bob@x.org", "virus", nil) }, "received, failed rejected, close", true},
		{"a connection that is lost in the midst of a text", func() error {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				return err
			}
			for _, line := range []string{"EHLO x", "MAIL FROM:<ann@x.org>", "RCPT TO:<bob@x.org>", "DATA", "half a mail"} {
				time.Sleep(10 * time.Millisecond)
				fmt.Fprintf(c, "%s\r\n", line)
			}
			time.Sleep(10 * time.Millisecond)
			return c.Close()
		}, "failed connection_lost, close", false},
	} {
		now := &events{}
		mu.Lock()
		e = now
		mu.Unlock()
		if err := c.do(); (err != nil) != c.fail {
			t.Errorf("%s: %v", c.name, err)
		}
		got := ""
		for range 100 {
			now.mu.Lock()
			got = strings.Join(now.list, ", ")
			closed := slices.Contains(now.list, "close")
			now.mu.Unlock()
			if closed {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
