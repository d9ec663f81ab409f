package catalog_test

import (
	"math"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// A comment `want "re"` says which findings a declaration draws, `never id` which it must not draw:
// the nearest declaration that the rule has to let pass.

var (
	shop = catalog.New("shop", catalog.CatalogSpec{ // want "metric/group: group 4 of the catalog shop is nil"
		Prefix: "shop_",
		Groups: []*catalog.Group{orders, nobodys, others, nil},
	})
	orders  = catalog.NewGroup("Orders", catalog.GroupSpec{Help: "What was bought.", Owner: "shop"})
	nobodys = catalog.NewGroup("Nobody's", catalog.GroupSpec{Help: "What no team answers for."}) // want "metric/owner: shop_orphans has no owner, and its group Nobody's has none"
	others  = catalog.NewGroup("Others", catalog.GroupSpec{Help: "What others write.", External: true})

	none = catalog.None{}
)

// Names.
var (
	_ = catalog.NewCounter(orders, "shop_orders_total", none, catalog.Spec{Help: "Orders."}) // never metric/name metric/duplicate metric/prefix metric/counter-total metric/group
	_ = catalog.NewCounter(orders, "shop_orders_total", none, catalog.Spec{Help: "Orders."}) // want "metric/duplicate: shop_orders_total is declared twice"
	_ = catalog.NewCounter(orders, "shop-orders", none, catalog.Spec{Help: "Orders."})       // want "metric/name: \"shop-orders\" is no metric name"
	_ = catalog.NewCounter(orders, "", none, catalog.Spec{Help: "Orders."})                  // want "metric/name: \"\" is no metric name"
	_ = catalog.NewCounter(orders, "orders_total", none, catalog.Spec{Help: "Orders."})      // want "metric/prefix: orders_total does not begin with shop_"
	_ = catalog.NewGauge(orders, "shop_a:b", none, catalog.Spec{Help: "A by b."})            // want "metric/colon: shop_a:b has a colon"
	_ = catalog.NewGauge(orders, "shop_a_b", none, catalog.Spec{Help: "A by b."})            // never metric/colon metric/case
	_ = catalog.NewGauge(orders, "shop_openCarts", none, catalog.Spec{Help: "Carts."})       // want "metric/case: shop_openCarts is not in snake_case"
	_ = catalog.NewGauge(orders, "shop_OPEN", none, catalog.Spec{Help: "Carts."})            // want "metric/case: shop_OPEN is not in snake_case"

	_ = catalog.NewCounter(orders, "shop_refunds", none, catalog.Spec{Help: "Refunds."})       // want "metric/counter-total: counter shop_refunds does not end in _total"
	_ = catalog.NewGauge(orders, "shop_carts_total", none, catalog.Spec{Help: "Carts."})       // want "metric/total-not-counter: gauge shop_carts_total ends in _total"
	_ = catalog.NewGauge(orders, "shop_total_carts", none, catalog.Spec{Help: "Carts."})       // never metric/total-not-counter
	_ = catalog.NewGauge(orders, "shop_cart_count", none, catalog.Spec{Help: "Carts."})        // want "metric/reserved-suffix: shop_cart_count ends in _count"
	_ = catalog.NewGauge(orders, "shop_build_info", none, catalog.Spec{Help: "1."})            // never metric/reserved-suffix
	_ = catalog.NewGauge(orders, "shop_gauge_carts", none, catalog.Spec{Help: "Carts."})       // want "metric/type-in-name: shop_gauge_carts carries its type"
	_ = catalog.NewGauge(orders, "shop_fuel_gauge", none, catalog.Spec{Help: "Fuel."})         // want "metric/type-in-name: shop_fuel_gauge carries its type"
	_ = catalog.NewGauge(orders, "shop_counter_queue", none, catalog.Spec{Help: "Customers."}) // never metric/type-in-name
)

// Units.
var (
	_ = catalog.NewGauge(orders, "shop_wait_ms", none, catalog.Spec{Help: "Wait.", Unit: unit.Milliseconds})                                        // want "metric/base-unit: shop_wait_ms is in ms"
	_ = catalog.NewCounter(orders, "shop_busy_minutes_total", none, catalog.Spec{Help: "Work.", Unit: unit.Minutes})                                // want "metric/base-unit: shop_busy_minutes_total is in minutes"
	_ = catalog.NewGauge(orders, "shop_minutes_open", none, catalog.Spec{Help: "Meetings."})                                                        // never metric/base-unit
	_ = catalog.NewGauge(orders, "shop_wait_seconds", none, catalog.Spec{Help: "Wait.", Unit: unit.Milliseconds})                                   // want "metric/unit-suffix: shop_wait_seconds is named for seconds and declared in ms"
	_ = catalog.NewGauge(orders, "shop_stock_bytes", none, catalog.Spec{Help: "Stock.", Unit: unit.Timestamp})                                      // want "metric/unit-suffix: shop_stock_bytes is named for bytes and declared in unix time"
	_ = catalog.NewGauge(orders, "shop_opened_seconds", none, catalog.Spec{Help: "Opening.", Unit: unit.Timestamp})                                 // never metric/unit-suffix
	_ = catalog.NewGauge(orders, "shop_age_seconds", none, catalog.Spec{Help: "Age."})                                                              // never metric/unit-suffix
	_ = catalog.NewGauge(orders, "shop_age_ms", none, catalog.Spec{Help: "Age.", Naming: "the till sends milliseconds"})                            // never metric/base-unit metric/stale-waiver
	_ = catalog.NewGauge(orders, "shop_age_ratio", none, catalog.Spec{Help: "Age.", Unit: unit.Ratio, Naming: "long obeyed"})                       // want "metric/stale-waiver: shop_age_ratio is excused from the naming conventions, which it keeps"
	_ = catalog.NewCounter(orders, "OldOrders", none, catalog.Spec{Help: "Orders.", Unit: unit.Count("orders"), Naming: "the till of 2019 has it"}) // never metric/prefix metric/case metric/counter-total
)

// Help, owners, and metrics of others, whose names, help and owners are not judged.
var (
	_ = catalog.NewGauge(orders, "shop_helpless", none, catalog.Spec{Help: " "})                                // want "metric/help: shop_helpless has no help text"
	_ = catalog.NewGauge(orders, "shop_helped", none, catalog.Spec{Help: "Help."})                              // never metric/help metric/owner
	_ = catalog.NewGauge(nobodys, "shop_orphans", none, catalog.Spec{Help: "Orphans."})                         // never metric/owner
	_ = catalog.NewGauge(nobodys, "shop_adopted", none, catalog.Spec{Help: "Adopted.", Owner: "till"})          // never metric/owner
	_ = catalog.NewCounter(others, "UP_ms", catalog.By1(reserved), catalog.Spec{})                              // never metric/help metric/owner metric/prefix metric/case metric/reserved-label
	_ = catalog.NewHistogram(others, "theirs_seconds", none, catalog.Spec{Buckets: []float64{2, 1}})            // want "metric/buckets: buckets of theirs_seconds are not ascending: 1 after 2"
	_ = catalog.NewGauge(orders, "shop_excused_help_ms", none, catalog.Spec{Naming: "the till sends it in ms"}) // want "metric/help: shop_excused_help_ms has no help text"
)

type (
	till   struct{}
	clerk  struct{}
	aisle  struct{}
	dashed struct{}
	le     struct{}
)

// Labels.
var (
	east, west = catalog.V[till]("east"), catalog.V[till]("west")

	tills      = catalog.OneOf("till", "Till.", east, west)                            // never metric/label-values
	twice      = catalog.OneOf("till", "Till.", east, west, east)                      // want "metric/label-values: label till has the value \"east\" twice"
	clerks     = catalog.AtMost[clerk](0, "clerk", "Clerk.")                           // want "metric/label-values: label clerk can have no value"
	nobody     = catalog.OneOf[clerk]("nobody", "No clerk.")                           // want "metric/label-values: label nobody can have no value"
	aisles     = catalog.Pattern[aisle](`a(\d`, 9, "aisle", "Aisle.")                  // want "metric/label-values: label aisle has a pattern that does not compile: .*missing closing"
	unbalanced = catalog.Pattern[aisle](`a)(b`, 9, "unbalanced", "Aisle.")             // want "metric/label-values: label unbalanced has a pattern that does not compile"
	dashes     = catalog.AtMost[dashed](2, "with-dash", "Not a name.")                 // its fault is that of the metric that has it
	floors     = catalog.AtMost[dashed](2, "floor", "Floor.")                          // never metric/label-values
	reserved   = catalog.AtMost[le](2, "le", "Prometheus's own.")                      // likewise
	hidden     = catalog.AtMost[le](2, "__shelf", "Prometheus's own.")                 // likewise
	undeclared catalog.Label[clerk]                                                    // likewise
	_          = catalog.NewGauge(nil, "shop_lost", none, catalog.Spec{Help: "Lost."}) // in no catalog

	_ = catalog.NewGauge(orders, "shop_l1", catalog.By1(tills), catalog.Spec{Help: "L."})             // never metric/label-name metric/reserved-label metric/duplicate-label
	_ = catalog.NewGauge(orders, "shop_l2", catalog.By2(twice, clerks), catalog.Spec{Help: "L."})     // never metric/duplicate-label
	_ = catalog.NewGauge(orders, "shop_l3", catalog.By2(aisles, unbalanced), catalog.Spec{Help: "L"}) // never metric/label-name
	_ = catalog.NewGauge(orders, "shop_l4", catalog.By1(dashes), catalog.Spec{Help: "L."})            // want "metric/label-name: label \"with-dash\" of shop_l4 is no label name"
	_ = catalog.NewGauge(orders, "shop_l5", catalog.By1(undeclared), catalog.Spec{Help: "L."})        // want "metric/label-name: label \"\" of shop_l5 is no label name"
	_ = catalog.NewGauge(orders, "shop_l6", catalog.By1(reserved), catalog.Spec{Help: "L."})          // want "metric/reserved-label: label le of shop_l6 is Prometheus's own"
	_ = catalog.NewGauge(orders, "shop_l7", catalog.By1(catalog.Job), catalog.Spec{Help: "L."})       // want "metric/reserved-label: label job of shop_l7 is Prometheus's own"
	_ = catalog.NewGauge(orders, "shop_l8", catalog.By1(hidden), catalog.Spec{Help: "L."})            // want "metric/reserved-label: label __shelf of shop_l8 is Prometheus's own"
	_ = catalog.NewGauge(orders, "shop_l9", catalog.By2(tills, twice), catalog.Spec{Help: "L."})      // want "metric/duplicate-label: shop_l9 has the label till twice"
	_ = catalog.NewGauge(orders, "shop_l10", catalog.By1(nobody), catalog.Spec{Help: "L."})
)

// Buckets, ranges and states.
var (
	_ = catalog.NewHistogram(orders, "shop_b1_seconds", none, catalog.Spec{Help: "B.", Buckets: []float64{.1, 1}})          // never metric/buckets
	_ = catalog.NewHistogram(orders, "shop_b2_seconds", none, catalog.Spec{Help: "B.", Native: 1.1})                        // never metric/buckets
	_ = catalog.NewHistogram(orders, "shop_b3_seconds", none, catalog.Spec{Help: "B."})                                     // want "metric/buckets: shop_b3_seconds is a histogram without buckets"
	_ = catalog.NewHistogram(orders, "shop_b4_seconds", none, catalog.Spec{Help: "B.", Buckets: []float64{1, 1}})           // want "metric/buckets: buckets of shop_b4_seconds are not ascending: 1 after 1"
	_ = catalog.NewHistogram(orders, "shop_b5_seconds", none, catalog.Spec{Help: "B.", Buckets: []float64{1, math.Inf(1)}}) // want "metric/buckets: bucket 2 of shop_b5_seconds is \\+Inf"
	_ = catalog.NewHistogram(orders, "shop_b6_seconds", none, catalog.Spec{Help: "B.", Buckets: []float64{math.NaN()}})     // want "metric/buckets: bucket 1 of shop_b6_seconds is NaN"
	_ = catalog.NewHistogram(orders, "shop_b7_seconds", none, catalog.Spec{Help: "B.", Native: .9})                         // want "metric/buckets: the buckets of shop_b7_seconds grow by 0.9"
	_ = catalog.NewHistogram(orders, "shop_b8_seconds", none, catalog.Spec{Help: "B.", Native: math.NaN()})                 // want "metric/buckets: the buckets of shop_b8_seconds grow by NaN"
	_ = catalog.NewGauge(orders, "shop_b9", none, catalog.Spec{Help: "B.", Buckets: []float64{1}})                          // want "metric/buckets: shop_b9 is a gauge and has buckets"

	_ = catalog.NewGauge(orders, "shop_r1", none, catalog.Spec{Help: "R.", Range: catalog.Range{Min: 1, Max: 0}})          // want "metric/range: shop_r1 ranges from 1 to 0"
	_ = catalog.NewGauge(orders, "shop_r2", none, catalog.Spec{Help: "R.", Range: catalog.Range{Min: 0, Max: math.NaN()}}) // want "metric/range: shop_r2 ranges from 0 to NaN"
	_ = catalog.NewGauge(orders, "shop_r3", none, catalog.Spec{Help: "R.", Range: catalog.AtLeast(1)})                     // never metric/range

	_ = catalog.NewGauge(orders, "shop_s1", none, catalog.Spec{Help: "S.", Range: catalog.Range{Min: 0, Max: 1}, States: openOrShut}) // never metric/states
	_ = catalog.NewGauge(orders, "shop_s2", none, catalog.Spec{Help: "S.", Range: catalog.Range{Min: 1, Max: 2}, States: openOrShut}) // want "metric/states: shop_s2 names the value 0, outside its range"
	_ = catalog.NewGauge(orders, "shop_s3", none, catalog.Spec{Help: "S.", States: append(openOrShut, catalog.State{Value: 1})})      // want "metric/states: shop_s3 gives the value 1 two meanings"
	_ = catalog.NewCounter(orders, "shop_i1_total", none, catalog.Spec{Help: "I.", Initialised: true})                                // never metric/initialised
	_ = catalog.NewCounter(orders, "shop_i2_total", catalog.By1(floors), catalog.Spec{Help: "I.", Initialised: true})                 // want "metric/initialised: shop_i2_total cannot begin at 0"
	_ = catalog.NewCounter(orders, "shop_s4_total", none, catalog.Spec{Help: "S.", States: openOrShut[:1]})                           // want "metric/states: shop_s4_total is a counter: its values have no meanings"

	openOrShut = []catalog.State{{Value: 0, Name: "shut", Level: catalog.Neutral}, {Value: 1, Name: "open", Level: catalog.Good}}
)

// Parts, and names that histograms take.
var (
	sold = catalog.NewCounter(orders, "shop_sold_total", none, catalog.Spec{Help: "Items sold."})
	_    = catalog.NewCounter(orders, "shop_returned_total", none, catalog.Spec{Help: "Items returned.", PartOf: sold}) // never metric/part-of
	_    = partOfItself()

	_ = catalog.NewHistogram(orders, "shop_visit", none, catalog.Spec{Help: "Visits.", Buckets: []float64{1}})
	_ = catalog.NewCounter(orders, "shop_visit_count", none, catalog.Spec{Help: "Visits.", Naming: "to clash"}) // want "metric/suffix-clash: shop_visit_count is also a series of the histogram shop_visit"
	_ = catalog.NewHistogram(orders, "shop_call", none, catalog.Spec{Help: "Calls.", Native: 2})
	_ = catalog.NewCounter(orders, "shop_call_count", none, catalog.Spec{Help: "Calls.", Naming: "a native one has no parts"}) // never metric/suffix-clash
)

// partOfItself declares what a variable cannot: Go refuses an initialiser that needs itself.
func partOfItself() *catalog.Metric {
	m := catalog.Declare(orders, catalog.KindCounter, "shop_self_total", nil, catalog.Spec{Help: "Itself."}) // want "metric/part-of: shop_self_total is declared a part of itself"
	m.PartOf = catalog.Counter[catalog.None]{Metric: m}
	return m
}
