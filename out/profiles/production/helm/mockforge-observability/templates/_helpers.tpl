{{/* Labels of every object. */}}
{{- define "mockforge-observability.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What the names of objects begin with. */}}
{{- define "mockforge-observability.prefix" -}}
{{- if eq .Release.Name .Chart.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* An alert as the values want it: .rule, .own (its values), .values (all of them). */}}
{{- define "mockforge-observability.alert" -}}
{{- $rule := deepCopy .rule }}
{{- $chart := get $rule "chart" | default dict }}
{{- $_ := unset $rule "chart" }}
{{- if hasKey $chart "threshold" }}
  {{- $threshold := $chart.threshold }}
  {{- $text := $chart.text }}
  {{- if hasKey .own "threshold" }}
    {{- $threshold = .own.threshold | toString }}
    {{- $text = printf "%v%s" (round (mulf .own.threshold $chart.factor) 6) (get $chart "suffix") }}
  {{- end }}
  {{- $_ := set $rule "expr" ($rule.expr | replace "@threshold@" $threshold) }}
  {{- $_ := set $rule.annotations "summary" ($rule.annotations.summary | replace "@thresholdText@" $text) }}
  {{- $_ := set $rule.annotations "description" ($rule.annotations.description | replace "@thresholdText@" $text) }}
{{- end }}
{{- with get .own "for" }}{{ $_ := set $rule "for" . }}{{ end }}
{{- $labels := merge (dict) (get .own "labels" | default dict) .values.rules.extraLabels $rule.labels }}
{{- with get .own "severity" }}{{ $_ := set $labels "severity" . }}{{ end }}
{{- $_ := set $rule "labels" $labels }}
{{- if and (get $chart "runbook") .values.runbookBaseURL }}
  {{- $_ := set $rule.annotations "runbook_url" (printf "%s/%s" .values.runbookBaseURL $chart.runbook) }}
{{- end }}
{{- if and (get $chart "dashboard") .values.grafanaURL }}
  {{- $_ := set $rule.annotations "dashboard_url" (printf "%s%s" .values.grafanaURL $chart.dashboard) }}
{{- end }}
{{- toYaml $rule }}
{{- end }}
