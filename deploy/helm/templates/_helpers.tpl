{{/* Names by the release, so that there may be two in a namespace. */}}
{{- define "firehose-loader.name" -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* By these the network policy and the deployment know their pods: they never change. */}}
{{- define "firehose-loader.selector" -}}
app.kubernetes.io/name: firehose-loader
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "firehose-loader.labels" -}}
{{ include "firehose-loader.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Azure's webhook gives a token only to pods that ask for it by a label. */}}
{{- define "firehose-loader.podLabels" -}}
{{ include "firehose-loader.labels" . }}
{{- if eq .Values.workloadIdentity.provider "aks" }}
azure.workload.identity/use: "true"
{{- end }}
{{- end }}

{{- define "firehose-loader.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}

{{/* What both kinds of pod have before their containers. */}}
{{- define "firehose-loader.pod" -}}
serviceAccountName: {{ include "firehose-loader.name" . }}
# A service named firehose-... would put variables into the pod that look like settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    secret:
      secretName: {{ .Values.configSecret }}
  - name: secrets
    secret:
      secretName: {{ .Values.filesSecret }}
      optional: true
  - name: data
    {{- if .Values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ include "firehose-loader.name" . }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  - name: spool
    emptyDir:
      sizeLimit: {{ .Values.spool.sizeLimit }}
{{- end }}

{{/* What both kinds of container have beside their arguments, ports and probes. */}}
{{- define "firehose-loader.container" -}}
name: firehose-loader
image: {{ include "firehose-loader.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.env }}
env: {{ toYaml . | nindent 2 }}
{{- end }}
resources: {{ toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: ["ALL"]
volumeMounts:
  - name: config
    mountPath: /etc/firehose
    readOnly: true
  - name: secrets
    mountPath: /run/secrets/firehose
    readOnly: true
  - name: data
    mountPath: /data
  - name: spool
    mountPath: /tmp
{{- end }}
