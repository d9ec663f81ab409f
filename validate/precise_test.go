package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/unit"
	"github.com/obsgen/obsgen/validate"
)

type shopLabel struct{}

var (
	shopVersion  = catalog.AtMost[shopLabel](1, "version", "Version.")
	shopRevision = catalog.AtMost[shopLabel](1, "revision", "Revision.")
	shopRoute    = catalog.AtMost[shopLabel](20, "route", "Route.")
	shopGroup    = catalog.NewGroup("Shop", catalog.GroupSpec{Help: "A shop.", Owner: "core"})
	_            = catalog.NewCounter(shopGroup, "shop_requests_total", catalog.By1(shopRoute), catalog.Spec{Help: "R.", Unit: unit.Requests})
	_            = catalog.NewGauge(shopGroup, "shop_build_info", catalog.By2(shopVersion, shopRevision), catalog.Spec{Help: "B.", Unit: unit.One, Range: catalog.Range{Min: 1, Max: 1}})
	_            = catalog.NewGauge(shopGroup, "shop_image", catalog.By2(shopVersion, shopRevision), catalog.Spec{Help: "I.", Unit: unit.One, Range: catalog.AtLeast(0)})
	_            = catalog.NewGauge(shopGroup, "shop_route_info", catalog.By1(shopRoute), catalog.Spec{Help: "I.", Unit: unit.One, Range: catalog.Range{Min: 1, Max: 1}})
	_            = catalog.NewGauge(shopGroup, "shop_route_limit", catalog.By1(shopRoute), catalog.Spec{Help: "L.", Unit: unit.One, Range: catalog.AtLeast(0)})
	_            = catalog.NewGauge(shopGroup, "shop_oven_celsius", catalog.None{}, catalog.Spec{Help: "H.", Unit: unit.Celsius})
	shop         = catalog.New("shop", catalog.CatalogSpec{Groups: []*catalog.Group{shopGroup}})
)

// TestFindsOnlyWhatIsTrue holds checks against what they must find and what looks like it.
func TestFindsOnlyWhatIsTrue(t *testing.T) {
	const board = `{"title": "B", "uid": "b", "templating": {"list": [` +
		`{"name": "lm", "type": "custom", "query": "classic : 1,native : -1", "options": [{"value": "1"}, {"value": "-1"}]},` +
		`{"name": "high", "type": "custom", "query": "5,10"}, {"name": "free", "type": "textbox", "query": "1"}, {"name": "fixed", "type": "constant", "query": "3"}]},` +
		`"panels": [{"title": "P", "type": "stat", "targets": [{"expr": "EXPR"}]}]}`
	for _, c := range []struct {
		id, expr string
		board    bool
		finds    bool
	}{
		{"range/never", "shop_route_limit and on () vector($lm) == -1", true, false},
		{"range/never", "shop_route_limit and on () vector(${lm}) == 1", true, false},
		{"range/never", "shop_route_limit and on () vector([[lm]]) == 2", true, true},
		{"range/never", "vector($free) == 2", true, false},
		{"range/never", "vector($unknown) == 2", true, false},
		{"range/never", "vector($fixed) == 2", true, true},
		{"range/never", "vector($high) < 5", true, true},
		{"range/never", "vector($high) < 6", true, false},
		{"range/never", "vector($__range_s) == 5", true, false},
		{"range/never", "vector(1) == 2", true, true},
		{"range/never", "shop_route_limit < -$high", true, true},
		{"range/never", "shop_route_limit < -$free", true, false},

		{"range/contradiction", "shop_route_limit > 5 and shop_route_limit < 3", false, true},
		{"range/contradiction", "shop_route_limit > 5 and ignoring (route) shop_route_limit < 3", false, false},
		{"range/contradiction", "shop_route_limit > 5 unless ignoring (instance) shop_route_limit > 3", false, false},

		{"range/div-zero", "shop_route_limit / (shop_route_limit * 0)", false, true},
		{"range/div-zero", "shop_route_limit / fill_left(1) (shop_route_limit * 0)", false, true},
		{"range/div-zero", "shop_route_limit / fill_right(1) (shop_route_limit * 0)", false, false},

		{"range/float-equality", `sum by (job) (rate(r_total{code=~"5.."}[5m])) / sum by (job) (rate(r_total[5m])) == 1`, false, false},
		{"range/float-equality", `100 * (sum(increase(failed_total[5m])) / sum(increase(r_total[5m]))) == 100`, false, false},
		{"range/float-equality", `sum(rate(failed_total[5m])) / sum(rate(r_total[5m])) * 100 == 1`, false, true},
		{"range/float-equality", `rate(r_total[5m]) == 1`, false, true},
		{"range/float-equality", `rate(r_total[5m]) / 60 == 1`, false, true},

		{"range/ratio-always-one", `sum by (job, code) (rate(x_total{code=~"5.."}[5m])) / sum by (job, code) (rate(x_total[5m])) == 1`, false, true},
		{"range/ratio-always-one", `sum without (instance) (rate(x_total{code=~"5.."}[5m])) / sum without (instance) (rate(x_total[5m]))`, false, true},
		{"range/ratio-always-one", `rate(x_total{code="500"}[5m]) / rate(x_total[5m])`, false, true},
		{"range/ratio-always-one", `sum by (job) (rate(x_total{code=~"5.."}[5m])) / sum by (job) (rate(x_total[5m]))`, false, false},
		{"range/ratio-always-one", `sum by (job, code) (rate(x_total{code=~"5.."}[5m])) / on (job) group_left () sum by (job) (rate(x_total[5m]))`, false, false},
		{"range/ratio-always-one", `sum by (job, code) (rate(x_total{code=~"5.."}[5m])) / sum by (job, code) (rate(y_total[5m]))`, false, false},

		{"unit/celsius-scale", "shop_oven_celsius * on (instance) group_left (chip_name) chip_names", false, false},
		{"unit/celsius-scale", "chip_names * on (instance) group_right (chip_name) shop_oven_celsius", false, false},
		{"unit/celsius-scale", "shop_oven_celsius * on (instance) shop_build_info", false, false},
		{"unit/celsius-scale", "shop_oven_celsius * on (instance) group_left () chip_info", false, false},
		{"unit/celsius-scale", "shop_oven_celsius * on (instance) shop_route_limit", false, true},
		{"unit/celsius-scale", "shop_oven_celsius / on (instance) group_left (version) shop_build_info", false, true},
		{"unit/celsius-scale", "shop_oven_celsius * 2", false, true},

		{"match/group-side", "sum by (job, instance) (rate(shop_requests_total[5m])) * on (job, instance) group_left (version) shop_build_info", false, false},
		{"match/group-side", "sum by (job, instance) (rate(shop_requests_total[5m])) * on (job, instance) group_left (version) shop_image", false, false},
		{"match/group-side", "sum by (job, instance) (rate(shop_requests_total[5m])) * on (job, instance) group_left () shop_route_info", false, false},
		{"match/group-side", "sum by (job, instance) (rate(shop_requests_total[5m])) * on (job, instance) group_left () shop_route_limit", false, true},
		{"match/group-side", "sum(rate(shop_requests_total[5m])) * on () group_left () shop_route_info", false, true},
		{"match/group-side", "sum(rate(shop_requests_total[5m])) * on () group_left () fill (0) shop_route_info", false, false},
	} {
		name, text := file(validate.PromQL, c.expr)
		if c.board {
			name, text = "board.json", strings.ReplaceAll(board, "EXPR", c.expr)
		}
		set := validate.NewSet([]*source.Document{source.Read(name, []byte(text))}, validate.Options{Catalog: shop})
		found := set.Run()
		for _, f := range found {
			if f.ID == "range/never" && c.board && !strings.HasPrefix(c.expr, "vector(1)") && strings.Contains(f.Message, "vector(1)") {
				t.Errorf("%s: the message has what stands in for the variable: %s", c.expr, f.Message)
			}
		}
		if slices.ContainsFunc(found, func(f diag.Finding) bool { return f.ID == c.id }) != c.finds {
			t.Errorf("%s: %s found is %v: %v", c.expr, c.id, !c.finds, found)
		}
	}
}
