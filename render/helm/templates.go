package helm

// templates are the chart's, by file. CHART is its name. Rules and dashboards are read as data, so that what Prometheus and
// Grafana have in braces is never taken for Helm's.
var templates = map[string]string{
	"_helpers.tpl": `{{/* Labels of every object. */}}
{{- define "CHART.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What the names of objects begin with. */}}
{{- define "CHART.prefix" -}}
{{- if eq .Release.Name .Chart.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* An alert as the values want it: .rule, .own (its values), .values (all of them). */}}
{{- define "CHART.alert" -}}
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
`,
	"prometheusrule.yaml": `{{- if .Values.rules.enabled }}
{{- $root := . }}
{{- range $group := (.Files.Get "files/rules.yaml" | fromYaml).ruleGroups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
  {{- if hasKey $rule "alert" }}
    {{- $own := get $root.Values.alerts $rule.alert | default dict }}
    {{- if or (not (hasKey $own "enabled")) $own.enabled }}
      {{- $rules = append $rules (include "CHART.alert" (dict "rule" $rule "own" $own "values" $root.Values) | fromYaml) }}
    {{- end }}
  {{- else }}
    {{- $rules = append $rules $rule }}
  {{- end }}
{{- end }}
{{- if $rules }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ printf "%s-%s" (include "CHART.prefix" $root) ($group.name | replace "_" "-") | trunc 253 }}
  namespace: {{ $root.Values.rules.namespace | default $root.Release.Namespace }}
  labels:
    {{- include "CHART.labels" $root | nindent 4 }}
    {{- with $root.Values.rules.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  groups:
    - {{- toYaml (set (deepCopy $group) "rules" $rules) | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
`,
	"dashboards.yaml": `{{- if .Values.dashboards.enabled }}
{{- $root := . }}
{{- range $dashboard := (.Files.Get "files/dashboards.yaml" | fromYaml).dashboards }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-%s" (include "CHART.prefix" $root) ($dashboard.uid | lower | replace "_" "-") | trunc 253 }}
  namespace: {{ $root.Values.dashboards.namespace | default $root.Release.Namespace }}
  labels:
    {{- include "CHART.labels" $root | nindent 4 }}
    {{ $root.Values.dashboards.label }}: {{ $root.Values.dashboards.labelValue | quote }}
  {{- with $root.Values.dashboards.folder | default $dashboard.folder }}
  annotations:
    {{ $root.Values.dashboards.folderAnnotation }}: {{ . | quote }}
  {{- end }}
data:
  {{ $dashboard.uid }}.json: |
    {{- $root.Files.Get (printf "files/dashboards/%s.json" $dashboard.uid) | trim | nindent 4 }}
{{- end }}
{{- end }}
`,
	"servicemonitor.yaml": `{{- with .Values.serviceMonitor }}
{{- if .enabled }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "CHART.prefix" $ }}-metrics
  namespace: {{ .namespace | default $.Release.Namespace }}
  labels:
    {{- include "CHART.labels" $ | nindent 4 }}
    app.kubernetes.io/component: metrics
spec:
  clusterIP: None
  selector:
    {{- toYaml .selector | nindent 4 }}
  ports:
    - name: {{ .port }}
      port: {{ .portNumber }}
      targetPort: {{ .port }}
      protocol: TCP
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "CHART.prefix" $ }}
  namespace: {{ .namespace | default $.Release.Namespace }}
  labels:
    {{- include "CHART.labels" $ | nindent 4 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ $.Release.Name }}
      app.kubernetes.io/component: metrics
  endpoints:
    - port: {{ .port }}
      path: /metrics
      interval: {{ .interval }}
      {{- with .scrapeTimeout }}
      scrapeTimeout: {{ . }}
      {{- end }}
      relabelings:
        - targetLabel: job
          replacement: {{ .job | quote }}
          action: replace
{{- end }}
{{- end }}
`,
	"NOTES.txt": `{{- if .Values.rules.enabled }}
Rules are PrometheusRules; the operator's Prometheus has to select them:
  kubectl get prometheusrules --all-namespaces --selector app.kubernetes.io/instance={{ .Release.Name }}
{{- end }}
{{- if .Values.dashboards.enabled }}
Dashboards are ConfigMaps with the label {{ .Values.dashboards.label }}={{ .Values.dashboards.labelValue }}, for the sidecar of Grafana's chart.
{{- end }}
`,
}
