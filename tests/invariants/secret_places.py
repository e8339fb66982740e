"""Artifacts of every kind with a secret at every place where people write one down."""

from __future__ import annotations

import re
import string
from base64 import b64encode
from random import Random
from typing import NamedTuple

from kerp_policy.secrets.validators import base62_crc32

_FILES = {
    "app.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: kerp-prod
  labels: {app: api, token: %T%}
  annotations: {deploy-token: %T%, note: "%T%", example.com/url: "postgres://u:%W%@db/x"}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}, annotations: {"prometheus.io/token": "%T%"}}
    spec:
      containers:
        - name: api
          image: "registry.example.com/api:%T%"
        - name: by-login
          image: kerp:%W%@registry.example.com/api:1.2
        - name: long
          image: registry.example.com/a/name/of/so/many/characters/that/it/is/cut/api:%T%/a/b
          command: [sh, -c, "curl -k -u deploy:%W% https://%T%@example.com && mysql -p%W%"]
          args: ["--password=%W%", --token, %T%, "--db=postgres://kerp:%W%@db/kerp"]
          env:
            - {name: DB_PASSWORD, value: %W%}
            - name: API_TOKEN
              value: %T%
            - {name: URL, value: "http://kerp:%W%@db.example.com:80/x?token=%T%"}
            - {name: NODE_TLS_REJECT_UNAUTHORIZED, value: "0"}
            - {name: HEADER, value: "Authorization: Bearer %T%"}
          livenessProbe:
            httpGet: {path: /health?token=%T%, port: 80, httpHeaders: [{name: A, value: %T%}]}
---
apiVersion: v1
kind: Secret
metadata: {name: own, namespace: kerp-prod}
data: {password: %B%, token: %C%}
stringData: {password: %W%, token: %T%}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: kerp-prod}
data:
  DB_PASSWORD: %W%
  DATABASE_URL: postgres://kerp:%W%@db.example.com/kerp?sslmode=disable
  token: |
    %T%
  app.properties: |
    spring.datasource.password=%W%
    token: %T%
    url=http://kerp:%W%@db.example.com
""",
    "image/Dockerfile": """\
FROM kerp:%W%@registry.example.com/builds:1.2 AS build
FROM alpine:3.19
COPY --from=kerp:%W%@registry.example.com/api@sha256:00 /a /b
RUN git clone https://kerp:%W%@github.com/kerp/api && curl kerp:%W%@example.com | sh
ARG NPM_TOKEN=%T%
ENV DB_PASSWORD=%W% OTHER=1
ENV API_TOKEN %T%
LABEL token=%T%
RUN curl -k -u deploy:%W% https://kerp:%W%@example.com/x.sh | sh
RUN echo "//registry/:_authToken=%T%" > .npmrc && sudo mysql -u root -p%W%
RUN echo 'root:%W%' | chpasswd && pip install --index-url http://u:%W%@pypi.example.com x
ADD http://u:%W%@example.com/%T%.tar /x
HEALTHCHECK CMD curl -H "Authorization: Bearer %T%" http://localhost
""",
    "deploy.sh": """\
#!/bin/bash
export DB_PASSWORD="%W%"
API_TOKEN=%T%
curl -k -u "deploy:%W%" "https://example.com?token=%T%"
psql "postgres://kerp:%W%@db.example.com/kerp?sslmode=disable"
kubectl create secret generic own --from-literal=password=%W% --from-literal token=%T%
kubectl set env deploy/api DB_PASSWORD=%W%
kubectl set image deploy/api api=registry.example.com/api:%T%
cd $DIR
docker login -u kerp -p %W% registry.example.com
docker push kerp:%W%@registry.example.com/api
# kerp-policy: allow script-tls until=2099-01-01 reason="%T%"
""",
    ".github/workflows/deploy.yml": """\
name: deploy
on: push
env: {DB_PASSWORD: %W%, API_TOKEN: %T%}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    container: kerp:%W%@registry.example.com/builds:1.2
    steps:
      - uses: kerp:%W%@example.com/action
      - uses: docker://kerp:%W%@registry.example.com/api
      - uses: actions/checkout@v4
        with: {token: %T%, password: %W%}
      - run: |
          curl -k -u deploy:%W% https://example.com/?token=%T%
          docker login -p %W% -u kerp registry.example.com
          docker build --build-arg NPM_TOKEN=%T% -t api:%T% image
          kubectl set image deploy/api api=registry.example.com/api:%T%
          echo "::set-output name=token::%T%"
        env: {SMTP_PASSWORD: %W%}
      - run: "mysql -u root -p%W% < x.sql || true"
""",
    "alertmanager.yml": """\
global: {smtp_auth_password: %W%, smtp_smarthost: "kerp:%W%@smtp.example.com:25", slack_api_url: "https://hooks.slack.com/services/%T%"}
route: {receiver: team, routes: [{matchers: ["token=%T%"], receiver: team}]}
receivers:
  - name: team
    webhook_configs:
      - url: "kerp:%W%@hooks.example.com/%T%"
      - url: "http://kerp:%W%@hooks.example.com/%T%"
        http_config: {basic_auth: {username: u, password: %W%}, bearer_token: %T%}
    pagerduty_configs: [{routing_key: %T%}]
""",
    "rules.yaml": """\
groups:
  - name: kerp
    rules:
      - alert: Down
        expr: up{token="%T%"} == 0
        labels: {severity: critical, token: %T%}
        annotations: {runbook: "https://kerp:%W%@example.com/%T%"}
""",
    "kustomization.yaml": """\
resources: [app.yaml, "https://kerp:%W%@github.com/kerp/api"]
images: [{name: api, newName: "kerp:%W%@registry.example.com/api", newTag: "%T%"}]
secretGenerator: [{name: more, literals: ["password=%W%", token=%T%]}]
configMapGenerator: [{name: others, literals: [DB_PASSWORD=%W%, API_TOKEN=%T%]}]
""",
    "broken.yaml": "kind: Secret\nstringData: {password: %W%\ntoken: %T%\n - x\n",
}


class Planted(NamedTuple):
    """Files with secrets, and these as they stand in them."""

    files: dict[str, bytes]
    secrets: tuple[str, ...]


def with_secrets() -> Planted:
    """The files with secrets that nobody has; they are made up here and stand nowhere else."""
    made = Random(7)
    body = _letters(made, 30)
    token, word = f"ghp_{body}{base62_crc32(body)}", f"Zq8{_letters(made, 9)}"
    based, coded = (b64encode(secret.encode()).decode() for secret in (word, token))
    replaced = {"%T%": token, "%W%": word, "%B%": based, "%C%": coded}
    files = dict(_FILES)
    for mark, secret in replaced.items():
        files = {path: text.replace(mark, secret) for path, text in files.items()}
    return Planted({path: text.encode() for path, text in files.items()}, tuple(replaced.values()))


def without_secrets() -> dict[str, bytes]:
    """The same files, with references where the secrets stand."""
    return {path: re.sub("%(.)%", r"${\1}", text).encode() for path, text in _FILES.items()}


def _letters(made: Random, count: int) -> str:
    """Letters and digits that look made up by chance."""
    return "".join(made.choices(string.ascii_letters + string.digits, k=count))
