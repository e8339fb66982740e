"""The judgement of connections: schemes, hosts, names, and what a message may show."""

import string

import pytest
from growth import grows_no_faster
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.connections import Level, judge_settings, judge_urls
from kerp_policy.connections.hosts import Where, where
from kerp_policy.connections.urls import find_urls, host_of

MODES = ("require", "verify-ca", "verify-full")


def said(**settings):
    return {name: (j.level, j.message) for name, j in judge_settings(settings, MODES)}


def test_a_proxy_is_asked_for_a_tunnel():
    assert said(HTTPS_PROXY="http://proxy.corp:3128", DD_PROXY_HTTP="http://proxy.corp:3128") == {}
    assert said(AUTH_PROXY_URL="http://auth-proxy:4180").keys() == {"AUTH_PROXY_URL"}


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("localhost", Where.LOCAL),
        ("127.3.2.1", Where.LOCAL),
        ("::1", Where.LOCAL),
        ("kerp-api", Where.INSIDE),
        ("tempo.monitoring", Where.INSIDE),
        ("api.kerp-prod.svc", Where.INSIDE),
        ("api.kerp-prod.svc.cluster.local.", Where.INSIDE),
        ("10.1.2.3", Where.INSIDE),
        ("8.8.8.8", Where.OUTSIDE),
        ("example.com", Where.OUTSIDE),
        ("api.example.kr", Where.OUTSIDE),
        ("otel.dev", Where.UNKNOWN),
        ("${HOST}", Where.UNKNOWN),
        ("${NAME}.svc", Where.INSIDE),
    ],
)
def test_where_a_host_lies(host, place):
    assert where(host) is place


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("db:5432", "db"),
        ("db", "db"),
        ("[::1]:80", "::1"),
        ("::1", "::1"),
        ("${HOST}:80", "${HOST}"),
        ("${HOST:-db}", "${HOST:-db}"),
    ],
)
def test_the_host_without_its_port(text, host):
    assert host_of(text) == host


def test_a_mode_beside_the_url_counts_for_the_client_that_reads_it():
    found = said(PGSSLMODE="require", A_URL="postgres://db/x", B_URL="mongodb://m/x")
    assert list(found) == ["B_URL"]


def test_the_worst_of_a_list_is_told_once():
    found = said(UPSTREAMS="http://inside,http://api.example.com,https://ok.example.com")
    message = "UPSTREAMS: http://api.example.com is not encrypted; expected https://"
    assert found == {"UPSTREAMS": (Level.PLAIN, message)}


def test_a_file_is_judged_place_by_place():
    text = "# redis://comment\na: redis://one\nb: [redis://two]\nlink: http://example.com\n"
    places = [(text[j.start : j.end], j.level) for _, j in judge_settings({"f": text}, MODES)]
    assert places == [("redis://one", Level.PLAIN), ("redis://two]", Level.PLAIN)]


@pytest.mark.parametrize(
    "password", ["s3cr3t", "s3/cr3t", "s3?cr3t", "s3#cr3t", "s3@cr3t", "s3:cr3t", "12345/67@8"]
)
def test_no_message_shows_a_password(password):
    for scheme in ("postgres", "redis", "http", "nats", "mongodb", "PLAINTEXT"):
        for _, judgement in judge_settings(
            {"URL": f"{scheme}://kerp:{password}@db.example.com/x"}, MODES
        ):
            assert not any(part in judgement.message for part in ("s3", "cr3t", "12345"))


PASSWORDS = st.text(string.ascii_letters + string.digits + "/?#:@%&=+!*()[]{}$.-", min_size=1)


@given(PASSWORDS.map(lambda text: f"Zq{text}Qz"))
def test_no_shown_url_holds_what_stands_before_the_host(password):
    for url in find_urls(f"postgres://Zquser:{password}@db.example.com:5432/kerp"):
        assert "Zq" not in url.shown
        assert "Qz" not in url.shown


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=5))
def test_any_settings_are_judged_within_their_text(settings):
    for name, judgement in judge_settings(settings, MODES):
        assert 0 <= judgement.start <= judgement.end <= len(settings[name])


@pytest.mark.parametrize(
    "part", ["redis://a,", "${", "{{", "a.", "://", "x@", "redis://$a", "redis://h/?a=1&", "a," * 9]
)
def test_time_grows_with_the_text_and_no_faster(part):
    def judge(text):
        list(judge_settings({"URL": text}, MODES))

    assert grows_no_faster(lambda count: "redis://" + part * count, judge, 4_000)


def test_urls_are_judged_alike_without_what_names_say() -> None:
    settings = {
        "API": "http://api.kerp",
        "DB": "postgresql://db.kerp/kerp",
        "CACHE_HOST": "cache.kerp:6379",
        "CACHE_TLS": "false",
    }
    urls = [(name, said) for name, said in judge_settings(settings, MODES) if name in ("API", "DB")]
    assert [name for name, _ in urls] == ["API", "DB"]
    assert list(judge_urls(settings, MODES)) == urls
    assert len(list(judge_settings(settings, MODES))) > len(urls)
