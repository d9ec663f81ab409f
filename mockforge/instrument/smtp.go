package instrument

import (
	"sync/atomic"

	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

// SMTP records mail sessions.
type SMTP struct {
	active                   *instrument.GaugeSeries
	opened, received, stored *instrument.CounterSeries
	errors                   instrument.Counter[metrics.SMTPErrorLabels]
}

func newSMTP(r *instrument.Registry) *SMTP {
	return &SMTP{
		active: instrument.OnlyGauge(r, metrics.SMTPConnectionsActive), opened: instrument.OnlyCounter(r, metrics.SMTPConnectionsTotal),
		received: instrument.OnlyCounter(r, metrics.SMTPMessagesReceivedTotal), stored: instrument.OnlyCounter(r, metrics.SMTPMessagesStoredTotal),
		errors: instrument.NewCounter(r, metrics.SMTPErrorsTotal),
	}
}

// Session is a mail session from its beginning to its end, which is counted once however often Close is called.
type Session struct {
	s      *SMTP
	closed atomic.Bool
}

// Open records that a session began.
func (s *SMTP) Open() *Session {
	s.active.Inc()
	s.opened.Inc()
	return &Session{s: s}
}

// Received records a mail that came in.
func (s *Session) Received() { s.s.received.Inc() }

// Stored records a mail that was kept.
func (s *Session) Stored() { s.s.stored.Inc() }

// Failed records an error of a kind such as timeout or auth_failed.
func (s *Session) Failed(kind string) {
	s.s.errors.With(metrics.PerSMTPError.Of(metrics.SMTPErrorType.Value(kind))).Inc()
}

// Close records that the session ended.
func (s *Session) Close() {
	if s.closed.CompareAndSwap(false, true) {
		s.s.active.Dec()
	}
}
