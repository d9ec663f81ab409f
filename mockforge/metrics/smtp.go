package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type smtpErrorType struct{}

// SMTPErrorType is open: the Rust server names no kind yet.
var SMTPErrorType = catalog.AtMost[smtpErrorType](10, "error_type", "Kind of SMTP error, such as timeout or auth_failed.")

// PerSMTPError is the label set of SMTPErrorsTotal.
var PerSMTPError = catalog.By1(SMTPErrorType)

// SMTPErrorLabels is the type of PerSMTPError.
type SMTPErrorLabels = catalog.Labels1[smtpErrorType]

// SMTP covers the mail server.
var SMTP = catalog.NewGroup("SMTP", catalog.GroupSpec{
	Help:  "Mail sessions, and the mail that they delivered.",
	Owner: ProtocolsTeam,
})

// Metrics of SMTP.
var (
	SMTPConnectionsActive = catalog.NewGauge(SMTP, "mockforge_smtp_connections_active", catalog.None{}, catalog.Spec{
		Help:  "SMTP connections open now." + unwritten,
		Unit:  unit.Connections,
		Range: catalog.AtLeast(0),
	})
	SMTPConnectionsTotal = catalog.NewCounter(SMTP, "mockforge_smtp_connections_total", catalog.None{}, catalog.Spec{
		Help: "SMTP connections accepted." + unwritten,
		Unit: unit.Connections,
	})
	SMTPMessagesReceivedTotal = catalog.NewCounter(SMTP, "mockforge_smtp_messages_received_total", catalog.None{}, catalog.Spec{
		Help: "Mail received." + unwritten,
		Unit: unit.Messages,
	})
	SMTPMessagesStoredTotal = catalog.NewCounter(SMTP, "mockforge_smtp_messages_stored_total", catalog.None{}, catalog.Spec{
		Help:   "Mail put into the mailbox." + unwritten,
		Unit:   unit.Messages,
		PartOf: SMTPMessagesReceivedTotal,
	})
	SMTPErrorsTotal = catalog.NewCounter(SMTP, "mockforge_smtp_errors_total", PerSMTPError, catalog.Spec{
		Help: "Errors in SMTP sessions, by kind." + unwritten,
		Unit: unit.Errors,
	})
)
