{{- define "dialplane.labels" -}}
app.kubernetes.io/name: dialplane
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "dialplane.container" -}}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
env:
  - { name: DIALPLANE__STORE__URL_FILE, value: /run/secrets/store/url }
  {{- if .root.Values.bus.secret }}
  - { name: DIALPLANE__BUS__URL_FILE, value: /run/secrets/bus/url }
  {{- end }}
  - { name: DIALPLANE__LOG__FORMAT, value: json }
  {{- range $name, $value := .root.Values.environment }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
volumeMounts:
  - { name: data, mountPath: /var/lib/dialplane }
  - { name: store, mountPath: /run/secrets/store, readOnly: true }
  {{- if .root.Values.bus.secret }}
  - { name: bus, mountPath: /run/secrets/bus, readOnly: true }
  {{- end }}
{{- end }}

{{- define "dialplane.secrets" -}}
- name: store
  secret: { secretName: {{ .root.Values.store.secret }}, items: [{ key: {{ .root.Values.store.key }}, path: url }] }
{{- if .root.Values.bus.secret }}
- name: bus
  secret: { secretName: {{ .root.Values.bus.secret }}, items: [{ key: {{ .root.Values.bus.key }}, path: url }] }
{{- end }}
{{- end }}

{{- define "dialplane.pod" -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 10
securityContext: { runAsNonRoot: true, runAsUser: 64199, runAsGroup: 64199, fsGroup: 64199, seccompProfile: { type: RuntimeDefault } }
{{- end }}
