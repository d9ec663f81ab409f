package dashcheck

//lint:file-ignore SA1019 the classic dashboard is the form that Grafana 10 to 13 all import and provision

import (
	"errors"
	"strings"
	"sync"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// registerPlugins teaches the SDK the options of all panel kinds and queries.
var registerPlugins = sync.OnceFunc(plugins.RegisterDefaultPlugins)

// strict reports fields that Grafana's schema does not know: misspelt ones, and those of another panel kind.
func (c *checker) strict(raw []byte) {
	registerPlugins()
	var d dashboard.Dashboard
	err := d.UnmarshalJSONStrict(raw)
	var faults cog.BuildErrors
	if !errors.As(err, &faults) { // all is well: the error holds an empty list, or there is none
		if err != nil {
			c.report("%v", err)
		}
		return
	}
	for _, f := range faults {
		// It also wants fields that Grafana itself leaves out.
		if strings.Contains(f.Message, "unexpected field") {
			c.report("%v", f)
		}
	}
}
