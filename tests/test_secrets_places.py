"""Where a token begins and ends: what may stand beside it, and how it may be written."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
from growth import grows_no_faster
from test_secrets_tokens import TOKENS, some

from kerp_policy.secrets import find_tokens, redact

BEFORE = ["x-", "--header=x-", "NAME_", "토큰", '"', "a:", "a\\n", "a%3D", "\\u0026", "x\\\n"]
BEHIND = ["입니다", '"', "\\n", "%20", " ", "\\"]
NEEDS_A_WORD = {"mailgun-key", "url-password"}
"""`cache-key-` and a checksum is no Mailgun key; a scheme may have hyphens and letters."""


def stretches(kind: str, text: str) -> list[str]:
    return [text[each.start : each.end] for each in find_tokens(text) if each.kind == kind]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("kind", sorted(TOKENS.keys() - NEEDS_A_WORD))
def test_a_token_begins_where_a_name_ends(kind: str, before: str) -> None:
    token = TOKENS[kind](random.Random(11))
    assert stretches(kind, before + token) == stretches(kind, token)
    assert stretches(kind, token)[0] not in redact(before + token)


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("kind", sorted(TOKENS.keys() - {"private-key", "connection-password"}))
def test_a_token_ends_where_its_alphabet_does(kind: str, behind: str) -> None:
    token = TOKENS[kind](random.Random(12))
    assert stretches(kind, token + behind) == stretches(kind, token)


@pytest.mark.parametrize(
    "kind", ["aws-access-key", "github-token", "gitlab-token", "google-api-key", "twilio-key"]
)
def test_an_identifier_that_holds_the_letters_of_a_token_is_none(kind: str) -> None:
    token = TOKENS[kind](random.Random(13))
    assert stretches(kind, f"{token}-old") == stretches(kind, f"-p{token}") == [token]
    assert stretches(kind, f"x{token}") == stretches(kind, f"{token}x") == []


def test_a_checksum_behind_a_name_is_no_key() -> None:
    checksum = some(random.Random(14), 32, "0123456789abcdef")
    assert not find_tokens(f"build-cache-key-{checksum}")
    assert not find_tokens(f"key-{checksum}-linux")
    assert not find_tokens("glft-" + "production-cluster-a")


def test_a_percent_encoded_url_is_one() -> None:
    password = some(random.Random(15), 16)
    text = "to=" + quote(f"postgres://kerp:{password}@db:5432/kerp", safe="")
    assert stretches("url-password", text) == [password]
    assert password not in redact(text)
    assert redact(text).endswith("***%40db%3A5432%2Fkerp")


def test_slashes_of_json_hide_nothing() -> None:
    url = TOKENS["slack-webhook"](random.Random(16)).replace("/", "\\/")
    assert stretches("slack-webhook", f'{{"url": "{url}"}}') == [url]


@pytest.mark.parametrize("newline", ["\\\n", "\\\r\n", "\\\n      "])
def test_a_line_that_goes_on_hides_nothing(newline: str) -> None:
    token = TOKENS["github-token"](random.Random(17))
    text = f"RUN curl -H token:{token[:20]}{newline}{token[20:]} x"
    assert stretches("github-token", text) == [token[:20] + newline + token[20:]]


def test_a_reference_that_is_encoded_stays_one() -> None:
    assert not find_tokens("postgres://kerp:%24%7BPASSWORD%7D@db/kerp")
    assert not find_tokens("postgres://kerp:%3Cpassword%3E@db/kerp")


@pytest.mark.parametrize("piece", ["%41", "\\n", "\\\n ", "\\u0041", "%3Aghp_", "-eyJ", "eyJ-."])
def test_time_grows_with_the_length(piece: str) -> None:
    assert grows_no_faster(lambda times: piece * times, find_tokens.__wrapped__, 5_000)
