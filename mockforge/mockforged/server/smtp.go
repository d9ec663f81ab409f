package server

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/obsgen/obsgen/instrument/mail"
)

// message is a mail that was taken.
type message struct {
	From string   `json:"from"`
	To   []string `json:"to"`
	Size int      `json:"size"`
	Text string   `json:"text"`
}

// mailbox keeps the latest mail.
type mailbox struct {
	most int
	mu   sync.Mutex
	mail []message
}

func (b *mailbox) add(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mail) >= b.most {
		b.mail = b.mail[1:]
	}
	b.mail = append(b.mail, m)
}

// list writes the mail that is there.
func (b *mailbox) list(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(b.mail) // the client may be gone
}

// smtp returns the server of mail.
func (s *Server) smtp() *smtp.Server {
	server := smtp.NewServer(mail.Backend(
		smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{s: s}, nil }),
		func(*smtp.Conn) mail.Recorder { return s.recorder.SMTP.Open() },
	))
	server.Domain = "mockforged"
	server.MaxMessageBytes, server.MaxRecipients = 1<<20, 50
	server.ReadTimeout, server.WriteTimeout = 30*time.Second, 10*time.Second
	server.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	return server
}

// delivery is one session. Mail to a domain that begins with "bounce." is refused for good, to one with "busy." for now.
type delivery struct {
	s  *Server
	to message
}

// Mail begins a mail.
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.to = message{From: from}
	return nil
}

// Rcpt adds a recipient.
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	_, domain, _ := strings.Cut(to, "@")
	switch {
	case strings.HasPrefix(domain, "bounce."):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody of that name is here"}
	case strings.HasPrefix(domain, "busy."):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	d.to.To = append(d.to.To, to)
	return nil
}

// Data takes the text.
func (d *delivery) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d.to.Size, d.to.Text = len(text), string(text[:min(len(text), 4096)])
	d.s.mail.add(d.to)
	return nil
}

// Reset drops a mail that was begun.
func (d *delivery) Reset() { d.to = message{} }

// Logout ends the session.
func (*delivery) Logout() error { return nil }
