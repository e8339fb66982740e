"""A line that is shown shows no secret."""

from random import Random

import pytest
from growth import grows_no_faster
from test_secrets_tokens import TOKENS, private_key

from kerp_policy.report.frame import marked_line
from kerp_policy.secrets import redact
from kerp_policy.sources.source import Source, Span
from kerp_policy.wording import clipped

WORD = "Zq8" + "vN2xT7"


@pytest.mark.parametrize(
    "line",
    [
        "ENV DB_PASSWORD={}",
        "ENV DB_PASSWORD {} and more",
        '  DB_PASSWORD: "{}"',
        '  "apiToken": "{}",',
        "RUN tool --password={} x",
        "RUN tool --password {} x",
        "RUN git config user.password {}",
        "RUN aws configure set aws_secret_access_key {} && true",
        "curl -u deploy:{} https://example.com",
        "curl --user=deploy:{} https://example.com",
        "echo 'root:{}' | chpasswd",
        "mysql -u root -p{} < dump.sql",
        "docker login -u kerp -p {} registry",
        "url: postgres://kerp:{}@db/kerp",
        "FROM kerp:{}@registry.example.com/api AS build",
        "COPY --from=kerp:{}@registry/api /a /b",
        "curl kerp:{}@example.com",
        "curl kerp:p@{}@example.com | sh",
        "smtp_smarthost: kerp:{}@smtp.example.com:25",
        "ServiceAccount/kerp-prod/kerp:{}@db.example.com:80",
        "/app/http:/kerp:{}@example.com/x",
        "export A=1 SMTP_PASSWORD='{}'",
        "DB_PASSWORD=$'{}'",
        "  password: [{}]",
        "  password: ['{}']",
        "  password: &shared {}",
        "  password: !!str {}",
        "  password: correct {} battery",
        "- {{name: DB_PASSWORD, value: {}}}",
        "- {{value: '{}', name: DB_PASSWORD}}",
        '{{"name": "DB_PASSWORD", "value": "{}"}}',
        '  body: "{{\\"password\\": \\"{}\\"}}"',
        'args: ["--password", "{}"]',
        "args: [report, --token, {}]",
        "<password>{}</password>",
        "LABEL password {} and more",
        "ENV DB_PASSWORD=a\\ {}",
        "DB_PASSWORD+={}",
        "DB_PASSWORD='it'\"'\"'{}'",
        "$env:DB_PASSWORD = '{}'",
        "curl -udeploy:{} https://example.com",
        "curl --proxy-user deploy:{} https://example.com",
        "openssl rsa -passin pass:{} -in key.pem",
        "redis-cli -a {} ping",
        "mongosh -u kerp -p {}",
        "htpasswd -b /etc/nginx/users kerp {}",
        "RUN htpasswd -nbB kerp '{}' > users && true",
        "vault login {}",
        'sqlplus "kerp/{}@db:1521/KERP" @migrate.sql',
        "expdp kerp/{} full=y",
        "rabbitmqctl add_user kerp {}",
        "mc alias set kerp https://minio.example.com kerp {}",
        "ldapsearch -D cn=kerp -w {}",
        "az login -u kerp -p {}",
        "echo {} | docker login -u kerp --password-stdin",
        "printf '%s' '{}' | sudo -S true",
        "kubectl create secret generic kerp-db --from-literal=key={}",
        "kubectl create secret generic kerp-db --from-literal key={}",
        "CREATE USER kerp IDENTIFIED BY '{}'",
        "curl -H 'Authorization: Basic {}' https://example.com",
        "url: postgres://kerp:a/{}@db/kerp",
        "url: postgres://kerp:a#{}@db:5432/kerp",
    ],
)
def test_a_secret_is_blotted_out_and_the_rest_stays(line):
    shown = redact(line.format(WORD))
    assert WORD not in shown
    assert "***" in shown
    assert shown.split("***")[0] in line.format(WORD)


@pytest.mark.parametrize(
    "line",
    [
        "ENV DB_PASSWORD=${DB_PASSWORD}",
        "  secretName: kerp-secrets",
        "# the password is kept elsewhere",
        "      - name: DB_PASSWORD",
        "  image: kerp/api@sha256:" + "0" * 64,
        "curl -u ${USER}:${PASSWORD} https://example.com",
        'curl -H "Authorization: Bearer ${{ github.token }}" https://example.com',
        "docker build --build-arg TOKEN=${{ secrets.NPM_TOKEN }} .",
        "RUN --mount=type=secret,id=npm-token,env=NPM_TOKEN npm ci",
        "kubectl create secret generic kerp-db --from-file=key=/run/key",
        "summary: The token expires soon, and no Secret holds a credential in it",
        "  - {policy: persisted-token, verdict: fail}",
        "permissions: {id-token: write, contents: read}",
        "mysql -u kerp -p kerp_prod",
        "docker run -p 8080:80 kerp/api",
        "htpasswd -c users kerp",
        "vault login -method=oidc role=kerp",
        "sqlplus / as sysdba @sql/migrate.sql",
        "sqlplus /nolog",
        "id-token: write  # for the cloud",
        "USER kerp:kerp",
        "owner:ops@example.com, mailto:ops@example.com",
        "users: [user:ops7@example.com, serviceAccount:ci@kerp.iam.gserviceaccount.com]",
        "npm i kerp@npm:@kerp/api@1.2.3 left:pad@latest",
        "ARG API=registry.example.com:5000/api:1.2@sha256:" + "0" * 64,
        "- uses: docker://alpine:3.19@sha256:" + "0" * 64,
        "- uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0",
        "id: 123e4567-e89b-12d3-a456-426614174000, etag: 3F786850E387550FDAB836ED7E6DC881",
        "integrity: sha512-aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC3dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC==",
        "caBundle: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJrVENCKzZBd0lCQWdJVUE3",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG9jK2mN5pQ8sT1vW4xY7zA0bC3dE6gH ci",
        "  aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC3dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC3d",
        "runbook_url: https://docs.example.com/document/d/1aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0/edit",
        "kind: HTTP2ServerTransportFactoryV1Beta1, path: /usr/lib/x86_64/Kerp2/Api3/V1Beta2",
        "release: kerp-api-2024.01.02-3-g08c6903, pod: kerp-api-7d9f8b6c5d-x2x4z",
    ],
)
def test_what_is_no_secret_is_left_alone(line):
    assert redact(line) == line


@pytest.mark.parametrize(
    "line", ["ENV ACME={}", "  - {{name: ACME, value: '{}'}}", "acme --to {} x"]
)
def test_a_word_that_looks_random_is_blotted_out_whatever_its_name(line):
    word = "aB3dE6gH9jK2" + "mN5pQ8sT1vW4"
    assert redact(line.format(word)) == line.format("***")


def test_secrets_that_overlap_leave_nothing_between():
    token = TOKENS["github-token"](Random(4))
    for line in (
        f"password={WORD}{token}x kerp",
        f"token: x://kerp:{token}@db:80/a?password={WORD}",
    ):
        shown = redact(line)
        assert "***" in shown
        assert not [part for part in (token[4:12], token[-8:], WORD) if part in shown]


def test_a_secret_is_blotted_out_before_a_text_is_cut():
    token = TOKENS["github-token"](Random(4))
    text = "https://registry.example.com/of/kerp/" + token
    for most in range(20, len(text)):
        assert token[4:8] not in clipped(text, most)
        assert len(clipped(text, most)) <= most


def test_the_value_below_a_name_is_blotted_out():
    assert redact(f"  value: {WORD}", "- name: DB_PASSWORD") == "  value: ***"
    assert redact(f"  value: {WORD}", "- name: LOG_LEVEL") == f"  value: {WORD}"
    assert redact(f"- value: {WORD}", below="  name: DB_PASSWORD") == "- value: ***"
    assert redact(f"  value: {WORD}", below="- name: DB_PASSWORD") == f"  value: {WORD}"


def test_the_item_after_an_option_is_blotted_out():
    assert redact(f"  - {WORD}", "  - --db-password") == "  - ***"
    assert redact(f'  "{WORD}",', '  "--token",') == '  "***",'
    assert redact(f"  - {WORD}", "  - --log-level") == f"  - {WORD}"


@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "password ",
        "-u a:",
        ": ",
        "mysql -p",
        "x:chpasswd ",
        '"',
        "a:!",
        "a:b@",
        "a:b@c.",
        "a={{",
        "a:!!a",
        "name: a, value: ",
        "--a ,",
        "echo a | ",
        "x://a:b/",
        "aB3",
    ],
)
def test_a_long_line_takes_time_in_proportion(unit):
    assert grows_no_faster(lambda times: unit * times, redact, 2_000)


def shown(text, path="x"):
    """What frames show of each line."""
    source = Source(path, text.encode())
    lines = [marked_line(source, Span(n, 1, n, 1), 200) for n in range(1, len(source.lines) + 1)]
    return ["".join(line) for line in lines]


@pytest.mark.parametrize("place", ["B=1", f"A_TOKEN={WORD}-{WORD}", "A_TOKEN", "LOG=x"])
def test_carets_stay_under_what_they_mark(place):
    line = f"ENV LOG=x A_TOKEN={WORD}-{WORD} B=1"
    start = line.index(place) + 1
    span = Span(1, start, 1, start + len(place))
    before, marked, after = marked_line(Source("x", line.encode()), span, 200)
    assert marked == place.replace(f"{WORD}-{WORD}", "***")
    assert before + marked + after == "ENV LOG=x A_TOKEN=*** B=1"


def test_no_line_of_a_key_is_shown():
    key = private_key(Random(3), "RSA PRIVATE KEY")
    assert shown(f"  key: |\n{key}\nnext: line") == [
        "  key: |",
        *["***"] * (key.count("\n")),
        "-----END RSA PRIVATE KEY-----",
        "next: line",
    ]


def test_no_part_of_a_token_on_two_lines_is_shown():
    token = TOKENS["github-token"](Random(4))
    text = f"curl -H t:{token[:20]}\\\n  {token[20:]} x\n"
    assert shown(text) == ["curl -H t:***", "  *** x", ""]


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
OWN = MAP.replace("ConfigMap", "Secret")


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        (OWN + "data:\n  x: %W%\n  y:\n    z: %W%\n", ["data:", "  x: ***", "  y:", "    z: ***"]),
        (OWN + "stringData: {x: %W%, y: [%W%]}\n", ["stringData: {x: ***, y: [***]}"]),
        (
            OWN + "stringData:\n  x: |\n    %W%\n    b\n",
            ["stringData:", "  x: |", "    ***", "    ***"],
        ),
        (MAP + "data:\n  TOKEN:\n    %W%\n", ["data:", "  TOKEN:", "    ***"]),
        (
            MAP + "data:\n  TOKEN: >-\n    %W%\n    b\n",
            ["data:", "  TOKEN: >-", "    ***", "    ***"],
        ),
        (MAP + 'data:\n  TOKEN: "%W%\n    b"\n', ["data:", "  TOKEN: ***", "    ***"]),
        (MAP + "data:\n  x: &a %W%\n  TOKEN: *a\n", ["data:", "  x: ***", "  TOKEN: ***"]),
        (
            "- value: %W%\n  other: 1\n  name: A_TOKEN\n",
            ["- value: ***", "  other: 1", "  name: A_TOKEN"],
        ),
        (
            "env:\n- name: A_TOKEN\n  value:\n    %W%\n",
            ["env:", "- name: A_TOKEN", "  value:", "    ***"],
        ),
    ],
)
def test_a_secret_that_no_line_tells_is_blotted_out(text, shows):
    lines = shown(text.replace("%W%", WORD), "a.yaml")
    assert lines[-len(shows) - 1 :] == [*shows, ""]


@pytest.mark.parametrize(
    "text",
    [
        OWN + "data: {}\nimmutable: true\ntype: Opaque\n",
        OWN + "stringData: {x: '${TOKEN}', y: '{{ .Values.y }}'}\n",
        MAP.replace("a}", "Secret}") + "data:\n  x: a\n",
        "volumes:\n- name: tls\n  secret:\n    secretName: kerp-tls\n",
        "permissions:\n  id-token:\n    write\n",
        "kind: Secret\ndata: [\n",
    ],
)
def test_a_file_without_a_secret_is_shown_as_it_is(text):
    assert shown(text, "a.yaml") == text.split("\n")
