"""Secrets in manifests: found at their exact place, and never shown."""

import base64
import secrets
import string
import zlib

import pytest

from harness import judge

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def github_token():
    """A token as GitHub makes them: thirty random characters and their checksum."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(30))
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        check = ALPHABET[digit] + check
    return "ghp_" + body + check


def findings(tmp_path, text, policy):
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    return judge(tmp_path, policy)


def config_map(body, kind="ConfigMap", part="data"):
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\n{part}:\n{body}"


@pytest.mark.parametrize(
    ("policy", "template", "place"),
    [
        ("configmap-secret", config_map("  a: TOKEN\n"), (5, 3)),
        ("configmap-secret", config_map("  f: |\n    한국 = TOKEN # x\n"), (6, 10)),
        ("secret-literal", config_map("  a: TOKEN\n", "Secret", "stringData"), (5, 3)),
        ("secret-literal", config_map("  a: BASE64\n", "Secret"), (5, 3)),
    ],
)
def test_a_token_is_found_by_its_form(tmp_path, policy, template, place):
    token = github_token()
    encoded = base64.b64encode(token.encode()).decode()
    text = template.replace("TOKEN", token).replace("BASE64", encoded)
    (finding,) = findings(tmp_path, text, policy)
    assert finding.place.span.start == place
    assert "ghp_" in finding.message
    shown = f"{finding.message} {finding.help} {finding.place.address} {finding.subject}"
    assert token[4:] not in shown
    assert token[4:12] not in shown
    assert encoded[:12] not in shown


def test_a_token_in_a_script_is_found_once(tmp_path):
    token = github_token()
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: a\n"
        f"      command: [sh, -c]\n      args:\n        - |\n          export TOKEN={token}\n"
    )
    (finding,) = findings(tmp_path, text, "env-secret")
    assert finding.place.span.start == (10, 24)
    assert token[4:12] not in finding.message


@pytest.mark.parametrize(
    ("words", "is_script"),
    [
        ("[sh, -c]", True),
        ("[/bin/ksh, -c]", True),
        ("[bash, -ce]", True),
        ("[bash, -o, pipefail, -c]", True),
        ("[sh, run.sh, -c]", False),
    ],
)
def test_what_a_shell_is_told_to_run_is_a_script(tmp_path, words, is_script):
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: a\n"
        f"      command: {words}\n      args:\n        - |\n          : a\n          curl -k b\n"
    )
    found = findings(tmp_path, text, "tls-verification-in-env")
    assert [finding.place.span.start for finding in found] == [(11, 16)] * is_script, words


def test_a_base64_that_is_none_is_the_schemas_concern(tmp_path):
    assert findings(tmp_path, config_map("  a: not base64!\n", "Secret"), "secret-literal") == []


WORD = "Zq8" + "vN2xT7"


def pod(body):
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: a\n"
    return f"{head}      image: b:1\n      {body}\n"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("command: [mysql, -p%W%]", "password holds"),
        ("command: [redis-cli, -a, %W%]", "password holds"),
        ("command: [htpasswd, -nb, kerp, %W%]", "password holds"),
        ("command: [sh, -c, 'vault login %W% && true']", "password holds"),
        ("command: [sqlplus, kerp/%W%@db, '@a.sql']", "password holds"),
        ("args: [-password=%W%]", "password holds"),
        ("args: [DB_PASSWORD=%W%]", "DB_PASSWORD holds"),
        ("args: [--set, 'a=b,db.password=%W%']", "db.password holds"),
        ("args: [--password, %W%]", "--password holds"),
        ("command: [sh, -ec, 'mysql -u root -p%W%']", "password holds"),
        ("command: [sh, -c, 'curl -u a:%W% https://x']", "password holds"),
        ("command: [sh, -c, 'tool --password %W%']", "password holds"),
        ("livenessProbe: {exec: {command: [mysqladmin, -p%W%, ping]}}", "password holds"),
        ("livenessProbe: {exec: {command: [sh, -c, 'mysqladmin -p%W%']}}", "password holds"),
        ("lifecycle: {preStop: {exec: {command: [sh, -c, 'TOKEN=%W% x']}}}", "TOKEN holds"),
        ("readinessProbe: {httpGet: {port: 1, httpHeaders: [{name: X-Api-Key, value: %W%}]}}",
         "X-Api-Key holds"),
        ("env: [{name: CFG, value: '{\"db\": {\"password\": \"%W%\"}}'}]", "password in CFG holds"),
        ("env: [{name: OPTS, value: '-Xmx1g -Ddb.password=%W%'}]", "-Ddb.password in OPTS holds"),
        ("env: [{name: U, value: 'https://x/?a=b&api_key=%W%'}]", "api_key in U holds"),
    ],
)  # fmt: skip
def test_a_value_of_a_telling_name_is_found_in_a_container(tmp_path, body, told):
    (finding,) = findings(tmp_path, pod(body.replace("%W%", WORD)), "env-secret")
    assert finding.message.startswith(f"{told} a literal value")
    assert finding.place.span.line == 8
    assert finding.place.span.start == finding.place.span.end or WORD not in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "command: [mysql, -p, kerp]",
        "args: [--password-file, /run/secrets/db]",
        "command: [sh, -c, 'mysql -p$PASSWORD']",
        "livenessProbe: {exec: {command: [pg_isready, -U, kerp]}}",
        "readinessProbe: {httpGet: {port: 1, httpHeaders: [{name: Accept, value: text}]}}",
        'env: [{name: CFG, value: \'{"password": "${DB_PASSWORD}"}\'}]',
        "env: [{name: JAVA_OPTS, value: '-Xmx1g -Djavax.net.ssl.keyStoreType=PKCS12'}]",
    ],
)
def test_what_is_no_secret_in_a_container_is_silent(tmp_path, body):
    assert findings(tmp_path, pod(body), "env-secret") == []


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("app.json", '{"db": {"password": "%W%"}}'),
        ("settings.xml", "<server><password>%W%</password></server>"),
        (".netrc", "machine x login u password %W%"),
        (".npmrc", "//registry.npmjs.org/:_password=%W%"),
        ("run.sh", "mysql -u root -p%W%"),
        ("run", "#!/bin/sh\n    curl -u a:%W% https://x"),
    ],
)
def test_a_value_of_a_telling_name_is_found_in_a_file(tmp_path, key, line):
    text = config_map(f"  {key}: |\n    {line.replace('%W%', WORD)}\n    # end\n")
    (finding,) = findings(tmp_path, text, "configmap-secret")
    assert finding.message.startswith(f"{finding.subject} in {key} holds a literal value")
    assert finding.place.span.line == 6 + line.count("\n")
    assert WORD not in finding.message
