"""Names that commands give a value to, in whatever way their programs allow."""

import pytest

from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.docker.given import given
from kerp_policy.secrets import literal_secret
from kerp_policy.secrets.entries import in_json, in_line

WORD = "Zq8" + "vN2xT7"


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("curl -ukerp:{} https://x", "password"),
        ("curl --user=kerp:{} https://x", "password"),
        ("curl -H'X-Api-Key: {}' https://x", "X-Api-Key"),
        ("wget --header='PRIVATE-TOKEN: {}' https://x", "PRIVATE-TOKEN"),
        ("curl 'https://x/?a=b&access_token={}'", "access_token"),
        ('curl -d \'{{"a": {{"password": "{}"}}}}\' https://x', "password"),
        ("env DB_PASSWORD={} run", "DB_PASSWORD"),
        ("sudo DB_PASSWORD={} run", "DB_PASSWORD"),
        ("docker login -ukerp -p{} r.io", "password"),
        ("printf '[db]\\npassword={}\\n' > db.ini", "password"),
        ("echo 'password={}' | tee db.ini", "password"),
        ("echo '<server><password>{}</password></server>' > settings.xml", "password"),
        ("redis-server --requirepass {}", "requirepass"),
    ],
)
def test_a_value_is_found_under_its_name(script, name):
    found = [g for g in given(parse_shell(script.format(WORD))) if literal_secret(g.name, g.value)]
    assert {(each.name, each.value) for each in found} == {(name, WORD)}


@pytest.mark.parametrize(
    "script",
    [
        "curl -u kerp https://x",
        "curl -H 'Accept: application/json' https://x",
        "curl 'https://x/?page=2&size=10'",
        "curl 'https://x/?token=$TOKEN'",
        "echo 'password=x' | grep password",
        "docker run -p8080:80 x",
        "sed -i 's/password=.*/password=/' db.ini",
        "grep token=abcdefgh db.ini",
    ],
)
def test_what_is_no_secret_is_silent(script):
    assert not [g for g in given(parse_shell(script)) if literal_secret(g.name, g.value)]


def test_lines_of_files_of_other_kinds():
    assert in_json('{"a": [{"token": "x"}], "b": 1}') is not None
    assert list(in_json('{"a": [{"token": "x"}], "b": 1}')) == [("token", "x")]
    assert list(in_json("{" * 100_000)) == list(in_json('{"a": ')) == []
    line = '  <add key="password" value="x"/>'
    assert [(e.name, line[e.start]) for e in in_line(line)] == [("password", "x")]
    line = "machine h login u password x"
    assert [(e.name, e.start) for e in in_line(line)] == [("password", line.rindex("x"))]
    assert not list(in_line("<a>" * 5_000))
    assert WORD not in repr(list(in_line(f"<password>{WORD}</password>")))
