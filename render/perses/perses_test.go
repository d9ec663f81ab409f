package perses

import (
	"fmt"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
)

// TestThresholds turns thresholds of both directions into steps that rise.
func TestThresholds(t *testing.T) {
	good, caution, bad := colors[catalog.Good], colors[catalog.Caution], colors[catalog.Bad]
	for _, c := range []struct {
		ts   []plan.Threshold
		want string
	}{
		{nil, "map[]"},
		{[]plan.Threshold{{At: 5, Level: catalog.Caution}, {At: 9, Level: catalog.Bad}}, fmt.Sprintf("map[defaultColor:%s mode:absolute steps:[map[color:%s value:5] map[color:%s value:9]]]", good, caution, bad)},
		{[]plan.Threshold{{At: 5, Level: catalog.Bad, Below: true}, {At: 9, Level: catalog.Caution, Below: true}}, fmt.Sprintf("map[defaultColor:%s mode:absolute steps:[map[color:%s value:5] map[color:%s value:9]]]", bad, caution, good)},
		{[]plan.Threshold{{At: 1, Level: catalog.Bad, Below: true}, {At: 9, Level: catalog.Bad}}, fmt.Sprintf("map[defaultColor:%s mode:absolute steps:[map[color:%s value:1] map[color:%s value:9]]]", bad, good, bad)},
	} {
		if got := fmt.Sprint(thresholds(c.ts)); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.ts, got, c.want)
		}
	}
}
