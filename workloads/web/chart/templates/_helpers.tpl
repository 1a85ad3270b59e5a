{{/* Labels by which Service, budget, policy and spread find the pods; they never change over the life of a release. */}}
{{- define "web.selectorLabels" -}}
app.kubernetes.io/name: web
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "web.labels" -}}
{{ include "web.selectorLabels" . }}
app.kubernetes.io/part-of: fastorder
app.kubernetes.io/component: web
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Values.image.tag | trunc 63 | trimAll "-_." | quote }}
{{- end }}

{{/* By digest where one is given: then the tag only tells people which version it is. */}}
{{- define "web.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Labels of the helm test pod: not the selector labels, or the Service would send it traffic. */}}
{{- define "web.testLabels" -}}
app.kubernetes.io/name: web-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The restricted profile of Pod Security Admission, pod and container part. */}}
{{- define "web.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "web.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}
