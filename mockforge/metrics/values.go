package metrics

import "github.com/obsgen/obsgen/catalog"

// Types of the values of closed labels, for the code that writes the metrics.
type (
	ProtocolValue    = catalog.Value[protocol]
	MethodValue      = catalog.Value[method]
	StatusValue      = catalog.Value[status]
	PillarValue      = catalog.Value[pillar]
	CloseValue       = catalog.Value[closeStatus]
	CloseClassValue  = catalog.Value[closeClass]
	WSDirectionValue = catalog.Value[wsDirection]
	ItemTypeValue    = catalog.Value[itemType]
	ErrorCodeValue   = catalog.Value[errorCode]
	FaultValue       = catalog.Value[faultType]
	DirectionValue   = catalog.Value[direction]
	DropValue        = catalog.Value[dropReason]
)
