package kubernetes

import (
	"maps"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/prometheus"
	"github.com/obsgen/obsgen/unit"
)

// namespaceLabel is what the operator matches the alerts of an AlertmanagerConfig by, and puts on what it scrapes.
const namespaceLabel = "namespace"

// rules writes one PrometheusRule for each group.
func (w *writer) rules() error {
	for _, g := range w.plan.Groups {
		rule := &monitoringv1.PrometheusRule{
			TypeMeta:   metav1.TypeMeta{APIVersion: monitoringv1.SchemeGroupVersion.String(), Kind: monitoringv1.PrometheusRuleKind},
			ObjectMeta: w.meta(objectName(g.Name), w.labels(w.plan.Profile.Kubernetes.Labels)),
			Spec:       monitoringv1.PrometheusRuleSpec{Groups: []monitoringv1.RuleGroup{w.group(g)}},
		}
		if err := w.add("rules", g.Name+".yaml", rule); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) group(g *plan.Group) monitoringv1.RuleGroup {
	out := monitoringv1.RuleGroup{Name: g.Name, Interval: durationOf(unit.Duration(g.Interval))}
	if g.Offset > 0 {
		out.QueryOffset = durationOf(unit.Duration(g.Offset))
	}
	if g.Limit > 0 {
		out.Limit = &g.Limit
	}
	for _, r := range g.Rules {
		out.Rules = append(out.Rules, w.rule(r))
	}
	return out
}

func (w *writer) rule(r *plan.Rule) monitoringv1.Rule {
	out := monitoringv1.Rule{Record: r.Record, Expr: intstr.FromString(r.Expr.Pretty()), Labels: maps.Clone(r.Labels)}
	a := r.Alert
	if a == nil {
		return out
	}
	out.Record, out.Alert = "", a.Name
	if a.For > 0 {
		out.For = durationOf(unit.Duration(a.For))
	}
	if a.KeepFiringFor > 0 {
		keep := monitoringv1.NonEmptyDuration(unit.Duration(a.KeepFiringFor))
		out.KeepFiringFor = &keep
	}
	out.Annotations = prometheus.Annotations(w.plan, r)
	if ns := w.plan.Profile.Kubernetes.Namespace; ns != "" && len(w.plan.Profile.Receivers) > 0 && !r.Expr.Type.Labels.Certain(namespaceLabel) {
		// Without it no route of an AlertmanagerConfig would ever match: the operator adds its namespace to each.
		out.Labels[namespaceLabel] = ns
	}
	return out
}

func durationOf(s string) *monitoringv1.Duration {
	d := monitoringv1.Duration(s)
	return &d
}

// scrape writes how Prometheus finds the service's metrics: a Service with its ServiceMonitor, and what takes their place
// where there is no Service, or nothing in the cluster at all.
func (w *writer) scrape() error {
	port, err := w.plan.Profile.MetricsPort()
	if err != nil {
		return err
	}
	k := w.plan.Profile.Kubernetes
	own := w.labels(map[string]string{"app.kubernetes.io/component": "metrics"})
	service := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: w.meta(w.name("metrics"), own),
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, // it is for finding the pods, not for balancing
			Selector:  w.plan.Profile.PodLabels(w.plan.Name),
			Ports:     []corev1.ServicePort{{Name: w.plan.Profile.PodPort(), Port: int32(port), TargetPort: intstr.FromString(w.plan.Profile.PodPort()), Protocol: corev1.ProtocolTCP}},
		},
	}
	if err := w.add("scrape", "service.yaml", service); err != nil {
		return err
	}
	// Rules and dashboards ask for this job, whatever Service or folder it is found by.
	job := []monitoringv1.RelabelConfig{{TargetLabel: catalog.Job.Name, Replacement: &w.plan.Profile.Job, Action: "replace"}}
	interval := monitoringv1.Duration(unit.Duration(w.plan.Profile.ScrapeInterval))
	protocols, native := w.protocols()
	monitor := &monitoringv1.ServiceMonitor{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringv1.SchemeGroupVersion.String(), Kind: monitoringv1.ServiceMonitorsKind},
		ObjectMeta: w.meta(w.name(""), w.labels(k.Labels)),
		Spec: monitoringv1.ServiceMonitorSpec{
			Selector:  metav1.LabelSelector{MatchLabels: own},
			Endpoints: []monitoringv1.Endpoint{{Port: w.plan.Profile.PodPort(), Path: metricsPath, Interval: interval, RelabelConfigs: job}},
		},
	}
	monitor.Spec.ScrapeProtocols, monitor.Spec.NativeHistogramConfig = protocols, native
	if err := w.add("scrape", "servicemonitor.yaml", monitor); err != nil {
		return err
	}
	name := w.plan.Profile.PodPort()
	pods := &monitoringv1.PodMonitor{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringv1.SchemeGroupVersion.String(), Kind: monitoringv1.PodMonitorsKind},
		ObjectMeta: w.meta(w.name(""), w.labels(k.Labels)),
		Spec: monitoringv1.PodMonitorSpec{
			Selector:            metav1.LabelSelector{MatchLabels: w.plan.Profile.PodLabels(w.plan.Name)},
			PodMetricsEndpoints: []monitoringv1.PodMetricsEndpoint{{Port: &name, Path: metricsPath, Interval: interval, RelabelConfigs: job}},
		},
	}
	pods.Spec.ScrapeProtocols, pods.Spec.NativeHistogramConfig = protocols, native
	if err := w.add("podmonitor", "podmonitor.yaml", pods); err != nil {
		return err
	}
	at := metricsPath
	config := &monitoringv1alpha1.ScrapeConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringv1alpha1.SchemeGroupVersion.String(), Kind: monitoringv1alpha1.ScrapeConfigsKind},
		ObjectMeta: w.meta(w.name(""), w.labels(k.Labels)),
		Spec: monitoringv1alpha1.ScrapeConfigSpec{
			MetricsPath: &at, ScrapeInterval: &interval, RelabelConfigs: job, ScrapeProtocols: protocols, NativeHistogramConfig: native,
		},
	}
	static := monitoringv1alpha1.StaticConfig{}
	for _, t := range w.plan.Profile.Targets {
		static.Targets = append(static.Targets, monitoringv1alpha1.Target(t))
	}
	config.Spec.StaticConfigs = []monitoringv1alpha1.StaticConfig{static}
	return w.add("scrapeconfig", "scrapeconfig.yaml", config)
}

const metricsPath = "/metrics"

// protocols returns what to ask the service for where it has native histograms, which only protobuf carries.
func (w *writer) protocols() (ps []monitoringv1.ScrapeProtocol, native monitoringv1.NativeHistogramConfig) {
	yes := true
	for _, m := range w.plan.Catalog.Own() {
		if m.IsNative() {
			ps = []monitoringv1.ScrapeProtocol{
				monitoringv1.PrometheusProto, monitoringv1.OpenMetricsText1_0_0, monitoringv1.OpenMetricsText0_0_1, monitoringv1.PrometheusText0_0_4,
			}
			native.ScrapeNativeHistograms = &yes
			if m.Classic() {
				native.ScrapeClassicHistograms = &yes
			}
		}
	}
	return ps, native
}
