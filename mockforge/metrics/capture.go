package metrics

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

type dropReason struct{}

// Why a captured exchange was not forwarded.
var (
	DropBufferFull = catalog.V[dropReason]("buffer_full")
	DropClosed     = catalog.V[dropReason]("closed")
	DropPermanent  = catalog.V[dropReason]("permanent")
	DropExhausted  = catalog.V[dropReason]("exhausted")

	DropReason = catalog.OneOf("reason", "Why the exchange was dropped.", DropBufferFull, DropClosed, DropPermanent, DropExhausted)
)

// PerDrop is the label set of CaptureForwarderDropsTotal.
var PerDrop = catalog.By1(DropReason)

// DropLabels is the type of PerDrop.
type DropLabels = catalog.Labels1[dropReason]

// Capture covers the forwarder that sends recorded exchanges to the cloud.
var Capture = catalog.NewGroup("Capture", catalog.GroupSpec{
	Help:  "Recorded exchanges on their way to the cloud.",
	Owner: CloudTeam,
})

// Metrics of Capture.
var (
	CaptureForwarderSentTotal = catalog.NewCounter(Capture, "mockforge_capture_forwarder_sent_total", catalog.None{}, catalog.Spec{
		Help: "Captured exchanges forwarded.",
		Unit: unit.Count("exchanges"),
	})
	CaptureForwarderDropsTotal = catalog.NewCounter(Capture, "mockforge_capture_forwarder_drops_total", PerDrop, catalog.Spec{
		Help:        "Captured exchanges dropped instead of forwarded.",
		Unit:        unit.Count("exchanges"),
		Initialised: true,
	})
)
