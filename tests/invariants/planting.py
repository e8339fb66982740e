"""A project in which a word stands wherever an artifact's word can reach a report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from repository import Repository

UNTIL = (date.today() + timedelta(days=100)).isoformat()

# In these texts `QQ` is the word inside of double quotes, as YAML and JSON escape it, and `RR` the
# word on one line, as it is.
_FILES = {
    "RR.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "QQ"
  namespace: kerp-prod
  labels: {"QQ": "QQ", app: "QQ"}
  annotations: {"kerp-policy/allow-run-as-uid": "until=UNTIL reason=\\"QQ\\"", "QQ": "QQ"}
spec:
  replicas: "QQ"
  strategy: {type: "QQ"}
  selector: {matchLabels: {app: "QQ"}}
  template:
    metadata: {labels: {app: "QQ", env: "QQ"}}
    spec:
      "QQ": 1
      serviceAccountName: "QQ"
      volumes: [{name: "QQ", configMap: {name: "QQ"}}, {name: h, hostPath: {path: "QQ"}}]
      containers:
        - name: "QQ"
          image: "QQ"
          imagePullPolicy: "QQ"
          ports: [{name: "QQ", containerPort: "QQ"}]
          command: ["curl", "-k", "https://QQ"]
          env:
            - {name: "QQ", value: "QQ"}
            - {name: DB_HOST, value: "http://QQ"}
            - {name: "QQ", valueFrom: {secretKeyRef: {name: "QQ", key: "QQ"}}}
          resources: {requests: {cpu: "QQ", memory: "QQ"}, limits: {cpu: "QQ"}}
          livenessProbe: {httpGet: {path: "QQ", port: "QQ"}}
          readinessProbe: {httpGet: {path: "QQ", port: "QQ"}}
          volumeMounts: [{name: "QQ", mountPath: "QQ", subPath: "QQ"}]
          securityContext: {capabilities: {add: ["QQ"]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "QQ", namespace: kerp-prod}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: "QQ"}
spec: {containers: [{name: one, image: "QQ:latest"}], nodeSelector: {"QQ": "QQ"}}
---
apiVersion: "QQ/v1"
kind: "QQ"
metadata: {name: "QQ"}
---
apiVersion: v1
kind: Service
metadata: {name: "QQ", namespace: kerp-prod}
spec: {type: "QQ", selector: {app: "QQ"}, ports: [{name: "QQ", port: 80, targetPort: "QQ"}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: "QQ", namespace: kerp-prod}
spec:
  rules:
    - host: "QQ"
      http:
        paths:
          - {path: "QQ", pathType: Prefix, backend: {service: {name: "QQ", port: {name: "QQ"}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "QQ", namespace: kerp-prod}
data: {"QQ": "QQ", URL: "http://QQ", DB_PASSWORD: "QQ"}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: "QQ", namespace: kerp-prod}
spec: {schedule: "QQ", timeZone: "QQ", concurrencyPolicy: "QQ", jobTemplate: {}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: "QQ", namespace: kerp-prod}
spec: {minReplicas: "QQ", maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: "QQ"}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: "QQ", namespace: kerp-prod}
spec: {minAvailable: "QQ", selector: {matchLabels: {app: "QQ"}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: "QQ", namespace: kerp-prod}
spec: {hard: {"QQ": "QQ", limits.cpu: "QQ"}}
""",
    "broken-RR.yaml": 'kind: "QQ"\n"QQ": 1\n"QQ": 2\nb: *QQ\n',
    "templates/RR.yaml.j2": "a: {{ b }}\n",
    "waived.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: kerp-prod}
spec:
  containers:
    # kerp-policy: allow run-as-uid until=UNTIL reason="RR" owner="RR"
    - name: one
      image: example.com/one:1.0.0
    # kerp-policy: allow run-as-uid until=UNTIL RR=RR
    - name: two
      image: example.com/one:1.0.0
    # kerp-policy: RR
    - name: three
      image: example.com/one:1.0.0
""",
    "alertmanager.yml": """\
route: {receiver: "QQ", group_by: ["QQ"], routes: [{matchers: ["QQ"], receiver: "QQ"}]}
receivers: [{name: "QQ", slack_configs: [{channel: "QQ", api_url: "http://QQ", "QQ": 1}]}]
inhibit_rules: [{source_matchers: ["QQ"], equal: ["QQ"]}]
"QQ": 1
""",
    "rules.yaml": """\
groups:
  - name: "QQ"
    rules:
      - {alert: "QQ", expr: "QQ", for: "QQ", labels: {"QQ": "QQ", severity: "QQ"}}
      - {alert: "QQ", expr: 'up == 0', labels: {severity: critical}, annotations: {"QQ": "QQ"}}
      - {record: "QQ", expr: 'sum(up) > 0'}
""",
    ".github/workflows/RR.yml": """\
name: "QQ"
on: {push: {branches: ["QQ"]}, workflow_dispatch: {inputs: {"QQ": {type: "QQ"}}}}
env: {"QQ": "QQ", DB_PASSWORD: "QQ"}
jobs:
  deploy:
    name: "QQ"
    runs-on: "QQ"
    needs: ["QQ"]
    environment: "QQ"
    permissions: {"QQ": "QQ"}
    steps:
      - {name: "QQ", uses: "QQ@v1", with: {"QQ": "QQ"}}
      - {uses: actions/checkout@v4, id: "QQ", if: "QQ == ${{ QQ }}"}
      - {name: "QQ", run: "kubectl set image deploy/QQ QQ=QQ -n \\"QQ\\" || true"}
      - run: "kubectl apply -f 'QQ' -n 'QQ'\ndocker build -t 'QQ' -f 'QQ' .\ncurl -k 'http://QQ'"
      - run: "echo ${{ secrets.QQ }} ${{ github.head_ref }} QQ\ndocker push 'QQ'"
  "QQ": {needs: deploy, uses: "QQ"}
""",
    "image/Dockerfile": """\
FROM RR AS RR
ARG RR
ENV RR="RR"
ENV DB_PASSWORD="RR"
COPY --from=RR "RR" "RR"
ADD http://RR /x
EXPOSE RR
USER RR
HEALTHCHECK --interval=RR CMD curl RR
RR
CMD ["RR"]
""",
    "deploy.sh": """\
#!/bin/bash
NAMESPACE="RR"
DB_PASSWORD="RR"
kubectl apply -f "RR" -n "RR"
kubectl rollout undo "deploy/RR" --to-revision="RR"
# kerp-policy: allow script-tls until=UNTIL reason="RR" owner="RR"
curl -k "http://RR/"
cd RR
echo $RR
""",
    "kustomization.yaml": 'resources: ["QQ"]\nimages: [{name: "QQ", newTag: "QQ"}]\n',
    "CODEOWNERS": "* @RR\n* RR@example.com\n/image @a b@RR\n",
    ".kerp-policy.yaml": """\
externals: [{name: "Secret/kerp-prod/QQ", reason: "QQ"}]
waivers:
  - {policy: replicas, address: "*QQ*", until: UNTIL, reason: "QQ", owner: "QQ"}
""",
}  # fmt: skip


def planted(word: str) -> dict[str, bytes]:
    """The files of the project, by their paths."""
    quoted = json.dumps(word)[1:-1]
    flat = " ".join(word.splitlines())
    name = word.replace("/", "_")[:60]

    def fill(text: str, raw: str) -> str:
        return text.replace("UNTIL", UNTIL).replace("QQ", quoted).replace("RR", raw)

    return {
        fill(path, name): fill(text, flat).encode("utf-8", "surrogateescape")
        for path, text in _FILES.items()
    }


def repository(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> Repository:
    """Files as a change of others, on top of a commit in which neither was."""
    made = Repository(folder)
    made.commit({"base.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: kerp-prod}\n"})
    made.commit(before)
    made.commit(after)
    return made
