package tree

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"a: =\n":               "a: \"=\"\n",
		"- =\n- =~\n- '='\n":   "- \"=\"\n- =~\n- '='\n",
		"ü: =\n":               "ü: \"=\"\n",
		"ab: {c: =, d: =\n}\n": "ab: {c: \"=\", d: \"=\"\n}\n",
		"a: |\n  b: =\n":       "a: |\n  b: =\n",
		"a: b=\n":              "a: b=\n",
	} {
		got := string(Quote([]byte(text)))
		if got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		var before, after any
		if yaml.Unmarshal([]byte(text), &before) != nil || yaml.Unmarshal([]byte(got), &after) != nil {
			t.Errorf("%q or %q does not parse", text, got)
		}
	}
	data, err := YAML(map[string]string{"matchType": "=", "value": "="})
	if err != nil || string(data) != "matchType: \"=\"\nvalue: \"=\"\n" {
		t.Errorf("YAML gives %q, %v", data, err)
	}
}
