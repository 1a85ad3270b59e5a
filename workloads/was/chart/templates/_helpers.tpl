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

{{/* By digest where one is given: then the tag only tells people which version it is. */}}
{{- define "was.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
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

{{/* The settings that workloads/was/README.md names, but the AJP secret; serving pods and the hook job read the same. */}}
{{- define "was.settings" -}}
FASTORDER_SERVICE: {{ .Values.service | quote }}
FASTORDER_ENVIRONMENT: {{ .Values.environment | quote }}
# IAM login to database and cache and TLS to both; without it the service expects a local database's password.
SPRING_PROFILES_ACTIVE: aws
FASTORDER_AJP_PORT: {{ .Values.ajp.port | quote }}
# Every address of the pod: the network policy says who may call.
FASTORDER_AJP_ADDRESS: "0.0.0.0"
MANAGEMENT_ADDRESS: "0.0.0.0"
MANAGEMENT_PORT: "8081"
DB_WRITER_HOST: {{ .Values.database.writerHost | quote }}
DB_READER_HOST: {{ .Values.database.readerHost | quote }}
DB_PORT: {{ .Values.database.port | quote }}
DB_NAME: {{ .Values.database.name | quote }}
DB_USERNAME: {{ .Values.database.username | quote }}
DB_MINIMUM_IDLE: {{ .Values.database.minimumIdle | quote }}
{{- with .Values.cache }}
CACHE_HOST: {{ .host | quote }}
CACHE_PORT: {{ .port | quote }}
{{- with .username }}
CACHE_USERNAME: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* What both kinds of pods may reach: names, their role's credentials, the database, AWS. */}}
{{- define "was.egress" -}}
# By address: on Auto Mode name resolution runs on the node, where no pod selector finds it.
- to:
    - ipBlock: {cidr: {{ .Values.network.dnsCidr }}}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
# The Pod Identity agent on the node hands out the role's credentials.
- to:
    - ipBlock: {cidr: 169.254.170.23/32}
  ports:
    - {protocol: TCP, port: 80}
- to:
    {{- range .Values.network.dataCidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .Values.database.port }}}
    {{- with .Values.cache }}
    - {protocol: TCP, port: {{ .port }}}
    {{- end }}
# AWS APIs: interface endpoints where there are any, else AWS's public addresses, which move. Link-local stays closed.
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [169.254.0.0/16]
  ports:
    - {protocol: TCP, port: 443}
{{- end }}
