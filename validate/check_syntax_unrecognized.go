package validate

import "github.com/obsgen/obsgen/diag"

var syntaxUnrecognized = &Check{
	ID: "syntax/unrecognized", Severity: diag.Warning, Title: "A file in which nothing is checked",
	Why:    "The file was named on the command line and holds nothing that lint knows: no rules, no dashboard, no exposition. That it has no finding says nothing about it.",
	Source: "https://github.com/obsgen/obsgen/blob/main/README.md",
}
