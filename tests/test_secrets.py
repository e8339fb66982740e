"""What is a secret by its name, and what only refers to one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.secrets import is_placeholder, is_reference, literal_secret, secret_name
from kerp_policy.secrets.names import may_hold_secret_name

REFERENCES = [
    "", "  ", '""', "${X}", "$X", "${X:-}", "${X:-${Y}}", "${X:-changeme}", "${X:?set it}",
    "$(cat /run/x)", "`cat x`", "{{ .Values.password }}", "${{ secrets.X }}", "%VAR%", "@VAR@",
    "__PASSWORD__", "<your-password>", "[password]", "{password}", "vault:secret/data/x#y",
    "op://vault/item/field", "ref+awsssm://x", "arn:aws:secretsmanager:eu-west-1:1:secret:x",
    "ENC[AES256_GCM,data:x,iv:y]", "changeme", "change-me", "CHANGE_ME", "replace-me", "EXAMPLE",
    "my-example-password", "placeholder", "dummy", "xxxx", "xxx-xxx", "********", "TODO", "...",
    "aaaa", "true", "False", "null", "None", "/run/secrets/db", "/var/run/secrets/x/token",
    "LICENSE_HERE", "** access token goes here **", "CHANGEME00000000",
    "Bearer ${TOKEN}", "AgA" + "b" * 684, "file:///etc/key", "./secrets/db.txt",
]  # fmt: skip
NO_REFERENCES = [
    "hunter2", "s3cr3t", "${X:-hunter2}", "${A:-${B:-hunter2}}", "false-positive-no", "$1", "pa$$",
    "trueblue", "nullify", "here-we-go7", "changeme123",
    "myexamples9", "yourself77", "/", "12345", "a{b", "x@y@", "Passw0rd!",
    "\x00hunter2\x01",
]  # fmt: skip


@pytest.mark.parametrize("value", REFERENCES)
def test_references(value: str) -> None:
    assert is_reference(value)
    assert literal_secret("DB_PASSWORD", value) is None


@pytest.mark.parametrize("value", [value for value in NO_REFERENCES if value != "/"])
def test_no_references(value: str) -> None:
    assert not is_reference(value)


def test_placeholders() -> None:
    yes = [
        "${VERSION}", "$VERSION", "kerp/api:${VERSION}", "${A} ${B}", "{{ .Values.image }}",
        "r/{{ .Values.x }}:{{ .Values.y }}", "${{ github.sha }}", "@VERSION@", "$(POD_IP):80",
        "<no value>", "${TAG:-1.2}", "${A:-${B}}",
    ]  # fmt: skip
    no = [
        "", "$", "$5", "5$", "$1", "$$X", "$${X}", r"\$X", "user@HOST.example", "a@b@c", "{{", "}}",
        "{x}", "server { listen $port; }", "for {{ .x }} see below", "^v[0-9]+$", "100%", "%d",
        "<x>",
    ]  # fmt: skip
    assert [value for value in yes if not is_placeholder(value)] == []
    assert [value for value in no if is_placeholder(value)] == []


def test_names() -> None:
    yes = [
        "PASSWORD", "DB_PASSWORD", "dbPassword", "db-password", "db.password", "PGPASSWORD",
        "MYSQL_PWD", "SMTP_PASS", "API_KEY", "APIKEY", "apiKey", "PRIVATE_KEY", "ACCESS_KEY",
        "AWS_SECRET_ACCESS_KEY", "POPBILL_SECRET_KEY", "JWT_SECRET", "CLIENT_SECRET",
        "clientSecret",
        "GITHUB_TOKEN", "CREDENTIALS", "smtp_auth_password", "PASSWORD1", "DB_PASSWORD_2",
        "SECRET_KEY_BASE", "bearer_token", "REDIS_AUTH", "CLUSTER_TOKEN", "KUBE_TOKEN",
    ]  # fmt: skip
    no = [
        "", "PWD", "OLDPWD", "PASS", "KEY", "PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "KEY_ID",
        "PASSWORD_FILE", "TOKEN_PATH", "TOKEN_URL", "SECRET_NAME", "secretName", "POPBILL_LINK_ID",
        "TOKEN_TTL", "TOKEN_EXPIRY", "PASSWORD_MIN_LENGTH", "PASSWORD_POLICY", "AUTH_ENABLED",
        "TOKENIZER", "TOKENIZERS_PARALLELISM", "MAX_TOKENS", "COMPASS", "BYPASS", "SECRETARY",
        "NEXT_PUBLIC_API_KEY", "ENABLE_PASSWORD_AUTH", "secretKeyRef", "PASSWORD_HASH", "비밀번호",
        "image-pull-secret", "TS_KUBE_SECRET", "default-tls-secret", "imagePullSecret",
        "registryCredentialHelpers",
        "initial-cluster-token", "ETCD_INITIAL_CLUSTER_TOKEN",
    ]  # fmt: skip
    assert [name for name in yes if not secret_name(name)] == []
    assert [name for name in yes if not may_hold_secret_name(f"- {name}: x")] == []
    assert [name for name in no if secret_name(name)] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", "3600"),
        ("SESSION_SECRET", "15m"),
        ("TOKEN", "https://auth.kerp.internal/token"),
        ("DB_SECRET", "kerp-db-credentials"),
        ("PRIVATE_KEY", "kerp-bot:private_key"),
        ("LOKI_PASSWORD", "tests/kerp-bot:loki-password"),
        ("TLS_PRIVATE_KEY", "ca-private.key"),
        ("DB_SECRET", "kerp/db-credentials"),
        ("COOKIE_SECRET", "SECRET"),
        ("PASSWORD", "Ask the platform team."),
        ("CREDENTIALS", '{"kind": "none"}'),
        ("PRIVATE_KEY", "/etc/kerp/key.pem"),
        ("SECRET", "ssh-ed25519 AAAA kerp"),
        ("GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL"),
        ("id-token", "write"),
        ("HOST", "hunter2"),
        (None, "hunter2"),
    ],
)
def test_plain_values_and_names_are_no_secret(name: str | None, value: str) -> None:
    assert literal_secret(name, value) is None


def test_a_literal_under_a_secret_name() -> None:
    found = literal_secret("DB_PASSWORD", "hunter2")
    assert found is not None
    assert (found.kind, found.prefix) == ("named", "")
    assert "hunter2" not in repr(found)
    assert literal_secret("DB_PASSWORD", "${DB_PASSWORD:-hunter2}") is not None


@given(st.text(alphabet="${}:-aX@<>%\\\"'` \n\x00\x01é", max_size=60))
def test_any_value_gets_an_answer(value: str) -> None:
    assert is_reference(value) in (True, False)
    assert is_placeholder(value) in (True, False)
    assert literal_secret("PASSWORD", value) in (None, literal_secret("TOKEN", value))
