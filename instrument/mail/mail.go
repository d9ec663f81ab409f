// Package mail observes the sessions of an SMTP server of github.com/emersion/go-smtp.
package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Recorder is told what happens in one session. Close comes last, once.
type Recorder interface {
	// Received is a mail whose text came in whole, Stored one that the session accepted.
	Received()
	Stored()
	// Failed is a command that the session refused, with the kind of the refusal: timeout, connection_lost, auth_failed,
	// rejected for good, or try_later.
	Failed(kind string)
	Close()
}

// Backend returns a backend that observes another one's sessions; open is called for each connection.
func Backend(next smtp.Backend, open func(*smtp.Conn) Recorder) smtp.Backend {
	return smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		r := open(c)
		s, err := next.NewSession(c)
		if err != nil {
			r.Failed(kind(err))
			r.Close()
			return nil, err
		}
		observed := &session{s, r}
		if a, ok := s.(smtp.AuthSession); ok {
			return &authSession{observed, a}, nil
		}
		return observed, nil
	})
}

type session struct {
	smtp.Session
	r Recorder
}

func (s *session) said(err error) error {
	if err != nil {
		s.r.Failed(kind(err))
	}
	return err
}

// Mail begins a mail.
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	return s.said(s.Session.Mail(from, o))
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, o *smtp.RcptOptions) error {
	return s.said(s.Session.Rcpt(to, o))
}

// Data reads the mail's text.
func (s *session) Data(r io.Reader) error {
	whole := &whole{Reader: r}
	err := s.Session.Data(whole)
	if whole.ended || err == nil {
		s.r.Received()
	}
	if err == nil {
		s.r.Stored()
	}
	return s.said(err)
}

// Logout ends the session.
func (s *session) Logout() error {
	defer s.r.Close()
	return s.Session.Logout()
}

// whole notes whether a text was read to its end.
type whole struct {
	io.Reader
	ended bool
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.ended = w.ended || errors.Is(err, io.EOF)
	return n, err
}

type authSession struct {
	*session
	auth smtp.AuthSession
}

// AuthMechanisms returns those of the session beneath.
func (s *authSession) AuthMechanisms() []string { return s.auth.AuthMechanisms() }

// Auth begins an authentication.
func (s *authSession) Auth(mechanism string) (sasl.Server, error) {
	server, err := s.auth.Auth(mechanism)
	if err != nil {
		s.r.Failed("auth_failed")
		return nil, err
	}
	return &authServer{server, s.r}, nil
}

type authServer struct {
	sasl.Server
	r Recorder
}

// Next takes the next step.
func (s *authServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if challenge, done, err = s.Server.Next(response); err != nil {
		s.r.Failed("auth_failed")
	}
	return challenge, done, err
}

// kind returns the kind of a refusal.
func kind(err error) string {
	var refused *smtp.SMTPError
	var network net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &refused) && (refused.Code == 530 || refused.Code == 535 || refused.Code == 534):
		return "auth_failed"
	case errors.As(err, &refused) && refused.Code < 500:
		return "try_later"
	case errors.As(err, &refused):
		return "rejected"
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return "connection_lost"
	}
	return "failed"
}
