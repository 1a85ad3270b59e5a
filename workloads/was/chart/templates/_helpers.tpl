{{/* Labels by which Service, budget, policy and spread find the pods; they never change over the life of a release. */}}
{{- define "was.selectorLabels" -}}
app.kubernetes.io/name: was
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "was.labels" -}}
{{ include "was.selectorLabels" . }}
app.kubernetes.io/part-of: fastorder
app.kubernetes.io/component: {{ .Values.service }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Values.image.tag | trunc 63 | trimAll "-_." | quote }}
{{- end }}

{{/* Labels of the helm test pod: not the selector labels, or the Service would send it traffic. */}}
{{- define "was.testLabels" -}}
app.kubernetes.io/name: was-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The restricted profile of Pod Security Admission, pod and container part. */}}
{{- define "was.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "was.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}
