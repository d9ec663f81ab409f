//go:build obsgen_preview

package cli

var manifests []backend
