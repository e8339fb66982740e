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
