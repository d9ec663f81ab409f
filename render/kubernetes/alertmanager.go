package kubernetes

import (
	"encoding/json"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/alertmanager"
	"github.com/obsgen/obsgen/unit"
)

// routes writes the AlertmanagerConfig. The operator restricts its routes to alerts with the label namespace of where it
// is applied, which is why the rules carry it.
func (w *writer) routes() error {
	if len(w.plan.Profile.Receivers) == 0 {
		return nil
	}
	r := alertmanager.Routes(w.plan)
	spec := monitoringv1alpha1.AlertmanagerConfigSpec{
		Route: &monitoringv1alpha1.Route{
			Receiver: r.Fallback, GroupBy: r.GroupBy,
			GroupWait: nonEmpty(unit.Duration(r.Wait)), GroupInterval: nonEmpty(unit.Duration(r.Interval)), RepeatInterval: nonEmpty(unit.Duration(r.Repeat)),
		},
		Receivers: []monitoringv1alpha1.Receiver{{Name: r.Fallback}},
	}
	for _, to := range r.Routes {
		route := monitoringv1alpha1.Route{Receiver: to.Receiver.Name, RepeatInterval: nonEmpty(unit.Duration(to.Repeat)), Continue: true}
		for _, m := range to.Matchers {
			route.Matchers = append(route.Matchers, matcher(m))
		}
		data, err := json.Marshal(route)
		if err != nil {
			return err
		}
		spec.Route.Routes = append(spec.Route.Routes, apiextensionsv1.JSON{Raw: data})
		spec.Receivers = append(spec.Receivers, receiver(to.Receiver))
	}
	for _, i := range w.plan.Inhibitions {
		spec.InhibitRules = append(spec.InhibitRules, monitoringv1alpha1.InhibitRule{
			SourceMatch: []monitoringv1alpha1.Matcher{matcher(alertmanager.Named(i.Source))},
			TargetMatch: []monitoringv1alpha1.Matcher{matcher(alertmanager.Named(i.Target))},
			Equal:       i.Equal,
		})
	}
	return w.add("alertmanager", "alertmanagerconfig.yaml", &monitoringv1alpha1.AlertmanagerConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: monitoringv1alpha1.SchemeGroupVersion.String(), Kind: monitoringv1alpha1.AlertmanagerConfigKind},
		ObjectMeta: w.meta(w.name(""), w.labels(w.plan.Profile.Kubernetes.Labels)),
		Spec:       spec,
	})
}

func nonEmpty(s string) *monitoringv1.NonEmptyDuration {
	d := monitoringv1.NonEmptyDuration(s)
	return &d
}

// matcher matches one value as it is, or several as the alternatives of a regular expression.
func matcher(m alertmanager.Matcher) monitoringv1alpha1.Matcher {
	if len(m.Values) == 1 {
		return monitoringv1alpha1.Matcher{Name: m.Label, Value: m.Values[0], MatchType: monitoringv1alpha1.MatchEqual}
	}
	return monitoringv1alpha1.Matcher{Name: m.Label, Value: m.Pattern(), MatchType: monitoringv1alpha1.MatchRegexp}
}

func receiver(r project.Receiver) monitoringv1alpha1.Receiver {
	secret := func(s project.Secret) *corev1.SecretKeySelector {
		return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: s.Name}, Key: s.Key}
	}
	out := monitoringv1alpha1.Receiver{Name: r.Name}
	yes := true
	switch {
	case r.Webhook != nil && r.Webhook.URL != "":
		out.WebhookConfigs = []monitoringv1alpha1.WebhookConfig{{URL: &r.Webhook.URL, SendResolved: &yes}}
	case r.Webhook != nil:
		out.WebhookConfigs = []monitoringv1alpha1.WebhookConfig{{URLSecret: secret(r.Webhook.Secret), SendResolved: &yes}}
	case r.Slack != nil:
		out.SlackConfigs = []monitoringv1alpha1.SlackConfig{{APIURL: secret(r.Slack.Secret), Channel: &r.Slack.Channel, SendResolved: &yes}}
	case r.PagerDuty != nil:
		out.PagerDutyConfigs = []monitoringv1alpha1.PagerDutyConfig{{RoutingKey: secret(r.PagerDuty.Secret), SendResolved: &yes}}
	}
	return out
}
