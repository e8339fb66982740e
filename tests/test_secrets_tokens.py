"""Tokens of known formats: where they are found, what looks alike, and that none is shown."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

import pytest
from growth import grows_no_faster
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.secrets import find_tokens, is_placeholder, literal_secret, redact
from kerp_policy.secrets.find import COMMON, has_rare_word
from kerp_policy.secrets.format import Format
from kerp_policy.secrets.formats import FORMATS
from kerp_policy.secrets.literal import Literal
from kerp_policy.secrets.validators import base62_crc32

ALNUM = string.ascii_letters + string.digits
CAPITALS = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
UUID = (8, 4, 4, 4, 12)


def some(random_: random.Random, length: int, alphabet: str = ALNUM) -> str:
    """Random text with small and capital letters and a digit, where the alphabet has them."""
    while True:
        text = "".join(random_.choices(alphabet, k=length))
        if len(set(text)) >= 6 and not any(run in text for run in ("xxxxx", "XXXXX")):
            return text


def uuid(r: random.Random) -> str:
    return "-".join(some(r, length, HEX) if length > 4 else "4a7f" for length in UUID)


def checked(r: random.Random, prefix: str) -> str:
    body = some(r, 30)
    return prefix + body + base62_crc32(body)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(r: random.Random, header: object) -> str:
    parts = [b64(json.dumps(part)).rstrip("=") for part in (header, {"sub": "kerp"})]
    return ".".join([*parts, some(r, 43)])


def private_key(r: random.Random, kind: str, newline: str = "\n") -> str:
    body = base64.b64encode(r.randbytes(192)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return newline.join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


TOKENS = {
    "aws-access-key": lambda r: "AKIA" + some(r, 15, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") + "7",
    "aws-secret-key": lambda r: "aws_secret_access_key = aB3" + some(r, 37, ALNUM + "+/"),
    "github-token": lambda r: checked(r, r.choice(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"])),
    "gitlab-token": lambda r: "glpat-" + some(r, 20),
    "slack-token": lambda r: "xoxb-" + some(r, 12, "0123456789") + "-" + some(r, 24),
    "slack-webhook": lambda r: (
        "https://hooks.slack.com/services/T"
        + some(r, 8, string.ascii_uppercase)
        + "/B"
        + some(r, 10, string.ascii_uppercase)
        + "/"
        + some(r, 24)
    ),
    "discord-webhook": lambda r: (
        "https://discord.com/api/webhooks/" + some(r, 18, "123456789") + "/" + some(r, 68)
    ),
    "teams-webhook": lambda r: (
        f"https://kerp.webhook.office.com/webhookb2/{uuid(r)}@{uuid(r)}/IncomingWebhook/"
        f"{some(r, 32, HEX)}/{uuid(r)}"
    ),
    "telegram-token": lambda r: some(r, 10, "123456789") + ":AA" + some(r, 33),
    "pagerduty-key": lambda r: "routing_key: " + some(r, 32, HEX),
    "opsgenie-key": lambda r: f'api_key: "{uuid(r)}"',
    "google-api-key": lambda r: "AIza" + some(r, 35),
    "azure-storage-key": lambda r: "AccountName=k;AccountKey=" + some(r, 86) + "==",
    "azure-client-secret": lambda r: some(r, 3 + 5)[:3] + "8Q~" + some(r, 34),
    "azure-sas": lambda r: "https://k.example/c?sv=2024&sig=" + some(r, 43) + "%3D",
    "azure-access-key": lambda r: (
        "Endpoint=sb://k/;SharedAccessKeyName=k;SharedAccessKey=" + some(r, 43) + "="
    ),
    "power-automate-url": lambda r: (
        "https://k.example/invoke?api-version=2016&sv=1.0&sig=" + some(r, 43)
    ),
    "private-key": lambda r: private_key(r, r.choice(["RSA PRIVATE KEY", "PRIVATE KEY"])),
    "age-key": lambda r: "AGE-SECRET-KEY-1" + some(r, 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "jwt": lambda r: jwt(r, {"alg": "HS256", "typ": "JWT"}),
    "npm-token": lambda r: checked(r, "npm_"),
    "pypi-token": lambda r: "pypi-AgEIcHlwaS5vcmc" + some(r, 120),
    "rubygems-token": lambda r: "rubygems_" + some(r, 48, HEX),
    "nuget-key": lambda r: "oy2" + some(r, 43, string.ascii_lowercase),
    "docker-hub-token": lambda r: "dckr_pat_" + some(r, 27),
    "registry-login": lambda r: '{"auth": "' + b64("robot:" + some(r, 20)) + '"}',
    "stripe-key": lambda r: "sk_live_" + some(r, 24),
    "sendgrid-key": lambda r: "SG." + some(r, 22) + "." + some(r, 43),
    "twilio-key": lambda r: "SK" + some(r, 32, HEX),
    "mailgun-key": lambda r: "key-" + some(r, 32, HEX),
    "openai-key": lambda r: "sk-proj-" + some(r, 40) + "T3BlbkFJ" + some(r, 40),
    "anthropic-key": lambda r: "sk-ant-api03-" + some(r, 93) + "AA",
    "hugging-face-token": lambda r: "hf_aB" + some(r, 32, string.ascii_letters),
    "groq-key": lambda r: "gsk_" + some(r, 52),
    "tailscale-key": lambda r: "tskey-auth-" + some(r, 17) + "-" + some(r, 32),
    "atlassian-token": lambda r: (
        "ATATT3xFfGF0" + some(r, 171) + "=" + some(r, 8, "0123456789ABCDEF")
    ),
    "vault-token": lambda r: "hvs.aB" + some(r, 90),
    "terraform-token": lambda r: some(r, 14) + ".atlasv1." + some(r, 67),
    "digitalocean-token": lambda r: "dop_v1_" + some(r, 64, HEX),
    "databricks-token": lambda r: "dapi" + some(r, 32, HEX),
    "grafana-token": lambda r: "glsa_" + some(r, 32) + "_" + some(r, 8, HEX),
    "pulumi-token": lambda r: "pul-" + some(r, 40, HEX),
    "doppler-token": lambda r: "dp.pt." + some(r, 43),
    "fly-token": lambda r: "fm2_" + some(r, 200),
    "shopify-token": lambda r: "shpat_" + some(r, 32, HEX),
    "sonar-token": lambda r: "sqp_" + some(r, 40, HEX),
    "dynatrace-token": lambda r: f"dt0c01.{some(r, 24, CAPITALS)}.{some(r, 64, CAPITALS)}",
    "buildkite-token": lambda r: "bkua_" + some(r, 40, HEX),
    "circleci-token": lambda r: f"CCIPAT_{some(r, 22)}_{some(r, 40, HEX)}",
    "heroku-key": lambda r: "HRKU-AA" + some(r, 58),
    "linear-key": lambda r: "lin_api_" + some(r, 40),
    "planetscale-token": lambda r: "pscale_pw_" + some(r, 43),
    "postman-key": lambda r: f"PMAK-{some(r, 24, HEX)}-{some(r, 34, HEX)}",
    "replicate-token": lambda r: "r8_" + some(r, 37),
    "supabase-token": lambda r: "sbp_" + some(r, 40, HEX),
    "figma-token": lambda r: "figd_" + some(r, 40),
    "xai-key": lambda r: "xai-" + some(r, 80),
    "authorization-header": lambda r: "Authorization: Bearer 7" + some(r, 30),
    "url-password": lambda r: f"postgres://kerp:{some(r, 16)}@db:5432/kerp",
    "connection-password": lambda r: f"jdbc:postgresql://db/kerp?user=k&password={some(r, 16)}",
}


def hook(r: random.Random, url: str) -> str:
    return f"{url}/T{some(r, 9, CAPITALS)}/B{some(r, 10, CAPITALS)}/{some(r, 24)}"


def basic(r: random.Random) -> str:
    return b64(f"kerp:{some(r, 17)}")


OTHERS = [
    ("github-token", lambda r: f"github_pat_{some(r, 22)}_{some(r, 59)}"),
    ("aws-access-key", lambda r: "AKIA" + some(r, 15, string.ascii_uppercase) + "Q"),
    ("aws-access-key", lambda r: "ASIAZ" + some(r, 14, string.ascii_uppercase) + "3"),
    ("gitlab-token", lambda r: f"glpat-{some(r, 30)}.01.{some(r, 9, HEX)}"),
    ("gitlab-token", lambda r: f"glrt-t1_{some(r, 20)}"),
    ("slack-webhook", lambda r: hook(r, "HTTPS://HOOKS.SLACK.COM/services")),
    ("slack-webhook", lambda r: hook(r, "hooks.slack-gov.com/services")),
    ("slack-webhook", lambda r: hook(r, "https://hooks.slack.com/workflows")),
    ("slack-webhook", lambda r: hook(r, "https://hooks.slack.com/triggers").replace("/T", "/E")),
    ("discord-webhook", lambda r: (
        f"https://PTB.discord.com/api/v10/webhooks/{some(r, 19, '123456789')}/{some(r, 68)}")),
    ("teams-webhook", lambda r: (
        f"https://outlook.office.com/webhook/{uuid(r)}@{uuid(r)}/IncomingWebhook/"
        f"{some(r, 32, HEX)}/{uuid(r)}")),
    ("pagerduty-key", lambda r: f"PAGERDUTY_SERVICE_KEY={some(r, 32, HEX)}"),
    ("pagerduty-key", lambda r: f"routingKey: R0{some(r, 30, CAPITALS)}"),
    ("aws-secret-key", lambda r: f"aws-secret-access-key: aB3{some(r, 37)}"),
    ("docker-hub-token", lambda r: f"dckr_oat_{some(r, 32)}"),
    ("registry-login", lambda r: f"//registry.example.com/:_auth={basic(r)}"),
    ("registry-login", lambda r: f"  auth: {basic(r)}"),
    ("private-key", lambda r: b64(private_key(r, "RSA PRIVATE KEY"))),
    ("private-key", lambda r: private_key(r, "EC PRIVATE KEY", "\n# ")),
    ("authorization-header", lambda r: f"AUTHORIZATION: BEARER 7{some(r, 30)}"),
    ("authorization-header", lambda r: f"OTEL_HEADERS=authorization=Basic%20{basic(r)}"),
    ("authorization-header", lambda r: f"Authorization: GenieKey {uuid(r)}"),
    ("url-password", lambda r: f"postgres://kerp:p@{some(r, 12)}@db/kerp"),
    ("url-password", lambda r: f'psql postgres://kerp:{some(r, 12)}@"$HOST"/kerp'),
    ("url-password", lambda r: f"postgres://kerp:{some(r, 12)}@<host>/kerp"),
    ("url-password", lambda r: f"FROM kerp:{some(r, 12)}@registry.example.com/api:1.2"),
    ("url-password", lambda r: f"--dsn=kerp:p@{some(r, 12)}@10.0.0.7:5432/kerp"),
    ("url-password", lambda r: f"host: kerp%2Fci:{some(r, 12)}@db:5432"),
    ("connection-password", lambda r: f"Server=db;Uid=sa;Pwd={some(r, 12)};"),
    ("connection-password", lambda r: f"host=db user=kerp password={some(r, 12)} dbname=kerp"),
    ("connection-password", lambda r: f"kerp:{some(r, 12)}@tcp(db:3306)/kerp"),
    ("connection-password", lambda r: f"jdbc:oracle:thin:kerp/{some(r, 12)}@//db:1521/kerp"),
]  # fmt: skip
"""Other forms of the same kinds."""


@pytest.mark.parametrize(("kind", "make"), OTHERS)
def test_other_forms_are_found_and_blotted_out(
    kind: str, make: Callable[[random.Random], str]
) -> None:
    text = make(random.Random(21))
    (found,) = find_tokens(text)
    secret = text[found.start : found.end]
    assert found.kind == kind
    assert len(secret) >= 12
    assert secret not in redact(text)


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("seed", range(5))
def test_a_token_is_found_where_it_stands(kind: str, seed: int) -> None:
    token = TOKENS[kind](random.Random(seed))
    text = f'# 설정\nvalue="{token}"\n'
    found = list(find_tokens(text))
    assert [each.kind for each in found] == [kind]
    assert text[found[0].start : found[0].end] in token
    assert token.startswith(found[0].prefix) or found[0].prefix in token


@pytest.mark.parametrize("kind", TOKENS)
def test_nothing_of_a_token_is_shown_but_its_prefix(kind: str) -> None:
    token = TOKENS[kind](random.Random(7))
    shown = repr([*find_tokens(token), literal_secret("X", token)])
    found = find_tokens(token)[0]
    secret = token[found.start : found.end]
    body = secret.removeprefix(found.prefix)
    windows = {body[at : at + 8] for at in range(len(body) - 7)}
    assert not [window for window in windows if window in shown]
    assert str(len(secret)) not in shown


def test_prefixes_are_the_public_ones() -> None:
    r = random.Random(1)
    prefixes = {kind: find_tokens(make(r))[0].prefix for kind, make in TOKENS.items()}
    assert prefixes["github-token"] in {"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}
    assert prefixes["aws-access-key"] == "AKIA"
    assert prefixes["url-password"] == "postgres://"
    assert prefixes["pagerduty-key"] == prefixes["azure-client-secret"] == ""


@given(st.integers(0, 2**32), st.sampled_from(["ghp_", "npm_"]))
def test_one_changed_character_breaks_the_checksum(seed: int, prefix: str) -> None:
    r = random.Random(seed)
    token = checked(r, prefix)
    at = r.randrange(len(prefix), len(token))
    other = r.choice(ALNUM.replace(token[at], ""))
    assert not list(find_tokens(token[:at] + other + token[at + 1 :]))
    assert [each.start for each in find_tokens("x=" + token)] == [2]
    assert not list(find_tokens("x" + token)), "part of a longer word"
    assert not list(find_tokens(token + "0")), "part of a longer word"


LOOK_ALIKES = [
    "AKIA" + "IOSFODNN7" + "EXAMPLE",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "AKIA" + "YOURACCESSKEYIDX",
    "AKIA" + "XYZXYZXYZXYZXYZ7",
    "ASIA" + "PACIFICSOUTHEAST",
    "ACCA" + "REGIONZONESUBNET",
    "AKIA" + "QXJZ" * 5,
    "ghp_" + "x" * 36,
    "glpat-" + "your-token-goes-here",
    "https://hooks.slack.com/services/T00000000/B00000000/" + "X" * 24,
    "3f786850e387550fdab836ed7e6dc881de23001b",
    "nginx@sha256:" + "0123456789abcdef" * 4,
    "docker://alpine:3.19@sha256:" + "0123456789abcdef" * 4,
    "123e4567-e89b-12d3-a456-426614174000",
    "sha512-" + b64("k" * 64),
    "-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "grep -q -- '-----BEGIN PRIVATE KEY-----' key.pem",
    "-----BEGIN CERTIFICATE-----\n" + b64("c" * 200) + "\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\n" + b64("c" * 200) + "\n-----END PUBLIC KEY-----",
    "ssh-ed25519 AAAA" + "C3NzaC1lZDI1NTE5AAAAI" + " kerp@host",
    "postgres://kerp:${DB_PASSWORD}@db:5432/kerp?sslmode=require",
    "postgres://kerp:$DB_PASSWORD@db:5432/kerp",
    "postgres://kerp:<password>@db/kerp",
    "postgres://user:password@db/kerp",
    "https://x-access-token:${{ secrets.TOKEN }}@github.com/kerp/kerp",
    "http://otel-collector:4317/path@x",
    "redis://redis-cluster:6379",
    "jdbc:postgresql://db/kerp?user=k&password=${DB_PASSWORD}",
    "Authorization: Bearer ${TOKEN}",
    "Authorization: Bearer YOUR_API_TOKEN_1",
    "Authorization: Bearer access-token-of-the-user",
    "Authorization: Basic " + b64("Aladdin:" + "open sesame"),
    "Authorization: Basic " + b64("kerp:${PASSWORD}"),
    "jdbc:oracle:thin:scott/tiger@//localhost:1521/orcl",
    "user:password@tcp(localhost:3306)/kerp",
    "s3://key:secret@bucket/file",
    "docker pull user:password@registry.example.com/api",
    "docker pull kerp:${PASSWORD}@registry.example.com/api",
    "registry.example.com:5000/api:1.2@sha256:" + "0123456789abcdef" * 4,
    "members: [user:ops7@example.com, serviceAccount:ci@kerp.iam.gserviceaccount.com]",
    "mailto:ops@example.com/path",
    "xmpp:ops@example.com/resource",
    "npm:left-pad@latest:80",
    "rsync deploy@host.example.com:/srv",
    "jdbc:oracle:thin:kerp@db.example.com:1521",
    "service:80@docker",
    "com.kerp:api:1.2@aar",
    "actions/cache:restore@v4",
    "connect(user=user, password=password, host=host)",
    "$USER:$PASSWORD@tcp(db:3306)/kerp",
    "host=db user=kerp password=$PASSWORD dbname=kerp",
    "sed -E 's#https://[^:]+:[^@]+@github.com#https://github.com#'",
    "s|https://.*:.*@github.com|https://github.com|",
    "see https://hooks.slack.com/services/ and https://discord.com/api/webhooks/",
    "https://registry.example.com/services/T" + "A1B2C3D4E/B" + "A1B2C3D4E5/" + "a1B2c3D4" * 3,
    "client-certificate-data: " + b64("-----BEGIN CERTIFICATE-----\n" + "Q2VydA" * 20),
    ".".join([b64('{"alg": "HS256"}').rstrip("="), b64('{"sub": "1234567890"}'), "aB3" * 14]),
    "routing_key: ${PAGERDUTY_KEY}",
    'api_key: ""',
    "aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}",
    "eyJhbGciOiJIUzI1NiJ9",
    '{"auth": "' + b64("robot:${PASSWORD}") + '"}',
    '{"auth": "basic"}',
    '"type": "service_account"',
    "TOKENIZERS_PARALLELISM=false",
    "SK" + "0" * 32,
    "key-" + "a" * 32,
    "image: SG.eu/registry",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_silent(text: str) -> None:
    assert [each.kind for each in find_tokens(text)] == []


def test_a_token_of_json_without_an_algorithm_is_no_jwt() -> None:
    r = random.Random(3)
    assert not list(find_tokens(jwt(r, {"typ": "x"})))
    assert not list(find_tokens(jwt(r, {"alg": "none"})))
    assert not list(find_tokens(jwt(r, ["alg"])))


def test_the_key_of_a_google_service_account_is_found() -> None:
    key = private_key(random.Random(4), "PRIVATE KEY")
    text = json.dumps({"type": "service_account", "project_id": "kerp", "private_key": key})
    assert [each.kind for each in find_tokens(text)] == ["private-key"]


def test_a_key_in_one_line_of_json_is_found() -> None:
    text = '{"k": "' + private_key(random.Random(2), "EC PRIVATE KEY", "\\n") + '"}'
    assert [(each.kind, each.start) for each in find_tokens(text)] == [("private-key", 7)]


def test_a_typed_token_needs_no_name() -> None:
    found = literal_secret("GREETING", checked(random.Random(5), "ghp_"))
    assert found == Literal("github-token", "a GitHub token", "ghp_")


HOSTILE = [
    "a", "ghp_", "eyJ", "eyJa.", "://", "x://a:", "http://a:b@", "-----BEGIN PRIVATE KEY-----",
    '"type": "service_account"', "sk-a", "1:AA", "Q~", "xoxb-1-", "Authorization: Bearer ", "${",
    "user=a ", "a:@tcp(", ":thin:a/", "LS0tLS1CRUdJTi", "&sv=1.0&sig=", "a auth: ",
    "{{", "$(", "${X:-", "{{}}", "`", "?password=", "/a", "A0",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length(piece: str) -> None:
    def text(length: int) -> str:
        return (piece * (length // len(piece) + 1))[:length]

    def ask(text: str) -> None:
        literal_secret("PASSWORD", text)
        is_placeholder(text)

    assert grows_no_faster(text, ask, 50_000)


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.kind)
def test_no_text_with_a_word_that_tells_of_a_token_is_passed_over(each: Format) -> None:
    for keyword in (word for word in each.keywords if word not in COMMON):
        assert has_rare_word(f"이름: x{keyword}y\n")
        assert has_rare_word(f"\udc80{keyword}")


def test_most_texts_are_passed_over() -> None:
    assert not has_rare_word("image: https://registry.example.com/kerp-web\nreplicas: 3\n")
    assert not has_rare_word(".github/workflows/deploy.yml")


def test_a_signature_and_a_registry_token_without_a_long_word_are_found() -> None:
    r = random.Random(9)
    signature = "%2B".join(some(r, 7) for _ in range(6)) + "%3D"
    login = ".".join(some(r, 6) for _ in range(4))
    assert [t.kind for t in find_tokens(f"?se=1&sig={signature}")] == ["azure-sas"]
    assert [t.kind for t in find_tokens(f"_authToken={login}")] == ["npm-token"]
