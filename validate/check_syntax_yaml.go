package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxYaml = &Check{
	ID: "syntax/yaml", Severity: diag.Error, Title: "YAML that does not parse",
	Why:     "Prometheus refuses the whole file, with every rule in it.",
	Source:  "https://yaml.org/spec/1.2.2/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n    - record: a:b:c\n     expr: up\n", "groups:\n  - name: g\n    rules:\n    - record: a:b:c\n      expr: up\n"},
}
