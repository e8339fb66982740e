"""Switches that turn verification off, and words that only look like them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.connections.tls_settings import insecure_variable
from kerp_policy.connections.tls_switches import insecure_command

FLAGGED = {
    "curl -k https://a": "-k",
    "curl -fsSk https://a": "-fsSk",
    "curl -kL https://a": "-kL",
    "/usr/bin/curl --insecure https://a": "--insecure",
    "wget --no-check-certificate https://a": "--no-check-certificate",
    "pip install --trusted-host pypi.example kerp": "--trusted-host",
    "python3 -m pip install --trusted-host=pypi.example kerp": "--trusted-host=pypi.example",
    "pip config set global.trusted-host pypi.example": "global.trusted-host",
    "git -c http.sslVerify=false clone https://a": "http.sslVerify=false",
    "git config --global http.sslVerify false": "http.sslVerify",
    "git config http.https://a.example.sslVerify 0": "http.https://a.example.sslVerify",
    "npm set strict-ssl false": "strict-ssl",
    "npm config set strict-ssl=false": "strict-ssl=false",
    "apk add --allow-untrusted ./a.apk": "--allow-untrusted",
    "apt-get install -y --allow-unauthenticated a": "--allow-unauthenticated",
    "apt-get -o Acquire::https::Verify-Peer=false update": "Acquire::https::Verify-Peer=false",
    "dnf install --nogpgcheck a": "--nogpgcheck",
    "yum --setopt=sslverify=0 install a": "--setopt=sslverify=0",
    "rpm -i --nosignature a.rpm": "--nosignature",
    "zypper --no-gpg-checks in a": "--no-gpg-checks",
    "kubectl --insecure-skip-tls-verify get pods": "--insecure-skip-tls-verify",
    "skopeo copy --src-tls-verify=false a b": "--src-tls-verify=false",
    "ssh -o StrictHostKeyChecking=no host": "StrictHostKeyChecking=no",
    "scp -oStrictHostKeyChecking=no a host:": "-oStrictHostKeyChecking=no",
    "echo sslverify=0": "sslverify=0",
    "curl -k -x http://localhost:3128 https://a": "-k",
    "crane copy --insecure localhost:5000/a ghcr.io/a": "--insecure",
    "rpm -i --nosignature *": "--nosignature",
}
SILENT = [
    "curl -K file https://a",
    "curl -o k https://a",
    "curl -sok https://a",
    "curl -H -k https://a",
    "curl --header -k https://a",
    "curl -- -k",
    "kubectl --insecure-skip-tls-verify=false get pods",
    "skopeo copy --src-tls-verify=true a b",
    "git config http.sslVerify true",
    "npm set strict-ssl true",
    "openssl s_client -connect a:443",
    "ssh -o StrictHostKeyChecking=accept-new host",
    "echo --no-check-certificate",
    "grep -k sslverify=1",
    "argocd-server --insecure",
    "curl -k https://localhost:8443/health",
    "curl -k https://127.0.0.1/health -o health",
    "crane catalog localhost:5000 --insecure",
    "scp -o StrictHostKeyChecking=no -P 2222 root@localhost:/etc/kubeconfig ./kubeconfig",
    "",
]


@pytest.mark.parametrize(("text", "word"), FLAGGED.items())
def test_a_command_that_verifies_nothing(text, word):
    words = shlex.split(text)
    switch = insecure_command(words, words)
    assert switch is not None
    assert words[switch.position] == word


@pytest.mark.parametrize("text", SILENT)
def test_a_command_that_only_looks_like_it(text):
    words = shlex.split(text)
    assert insecure_command(words, words) is None


@pytest.mark.parametrize(
    ("prefix", "is_told"),
    [("https://localhost:", False), ("https://localhost", True), ("https://", True), ("", True)],
)
def test_a_word_that_is_not_known_may_name_any_host(prefix, is_told):
    assert bool(insecure_command(["curl", "-k", None], ["curl", "-k", prefix])) == is_told


def test_what_it_does_is_said_with_the_program():
    switch = insecure_command(["curl", None, "-k"], ["curl", "", "-k"])
    assert switch is not None
    assert switch.what == "curl verifies no certificate (-k)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
        ("PYTHONHTTPSVERIFY", "0"),
        ("GIT_SSL_NO_VERIFY", "true"),
        ("npm_config_strict_ssl", "false"),
        ("KERP_INSECURE_SKIP_VERIFY", "True"),
        ("KERP_TLS_INSECURE_SKIP_VERIFY", "1"),
        ("DB_SSL_VERIFY", "off"),
        ("VAULT_SKIP_VERIFY", "yes"),
    ],
)
def test_a_variable_that_turns_verification_off(name, value):
    assert "verif" in insecure_variable(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NODE_TLS_REJECT_UNAUTHORIZED", "1"),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "${X}"),
        ("DOCKER_TLS_VERIFY", "0"),
        ("EMAIL_SKIP_VERIFY", "true"),
        ("DB_SSL_VERIFY", "true"),
        ("KERP_INSECURE_SKIP_VERIFY", ""),
        ("PIP_TRUSTED_HOST", ""),
    ],
)
def test_a_variable_that_does_not(name, value):
    assert insecure_variable(name, value) == ""


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=6))
def test_any_words_are_read(words):
    switch = insecure_command(["curl", *words], ["", *(word or "" for word in words)])
    assert switch is None or 0 <= switch.position <= len(words)
