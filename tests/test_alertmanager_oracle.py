"""Our verdict on configurations against that of Alertmanager's own loader, amtool.

Disagreements that remain, with their reasons:

- A quoted "null" or "~" as proxy_url: amtool takes it for nothing and then cannot place it, by a
  quirk of its YAML library. Nobody writes that, so we do not say it.
- Fields that came after 0.25, the version of amtool in Debian, have no oracle here.
"""

import json
import random
import re
import shutil
import subprocess

import pytest

import alertmanager_grammar as grammar
from kerp_policy.artifacts.alertmanager.loader import load
from kerp_policy.artifacts.yaml import read


@pytest.fixture(scope="module", autouse=True)
def _amtool():
    if not shutil.which("amtool"):
        pytest.skip("amtool (Debian: prometheus-alertmanager) is not installed")
    done = subprocess.run(["amtool", "--version"], capture_output=True, text=True, check=False)
    if "version 0.25" not in done.stdout + done.stderr:
        pytest.skip("amtool is of another version than 0.25")


def amtool(folder, texts):
    """Why amtool refuses each text; empty where it does not. A crash of it is a refusal."""
    answers = []
    for i, text in enumerate(texts):
        (folder / f"{i}.yml").write_text(text, "utf-8")
    while len(answers) < len(texts):
        names = [f"{i}.yml" for i in range(len(answers), min(len(texts), len(answers) + 500))]
        command = ["amtool", "check-config", *names]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        parts = re.split(r"^Checking '\d+\.yml'", done.stdout, flags=re.MULTILINE)[1:]
        assert parts, done.stderr
        answers += [_reason(part) for part in parts]
    return answers


def _reason(words):
    failed = re.search(r"FAILED: (.*)", words)
    if failed:
        return failed[1] or "it fails"
    return "" if "SUCCESS" in words else "it crashes"


def ours(text):
    """What we say of a text."""
    stream = read(text)
    document = stream.documents[0]
    said = [problem.message for problem in (*stream.problems, *document.problems)]
    return said + [fault.message for fault in load(document, grammar.VERSION, []).faults]


def disagreements(folder, configurations):
    texts = [json.dumps(one, ensure_ascii=False) for one in configurations]
    return [
        (text, theirs, our)
        for text, theirs in zip(texts, amtool(folder, texts), strict=True)
        for our in [ours(text)]
        if bool(theirs) != bool(our)
    ]


def test_one_field_changed(tmp_path):
    every = list(grammar.one_field_changed())
    sample = random.Random(25).sample(every, 4000)
    assert disagreements(tmp_path, sample) == []


def test_one_field_missing(tmp_path):
    assert disagreements(tmp_path, grammar.one_field_missing()) == []


def test_two_fields_that_may_exclude_each_other(tmp_path):
    assert disagreements(tmp_path, grammar.two_fields_set()) == []


PIECES = {
    "match_re": r"a b ( ) [ ] * + ? {2} {2,} {1,3} {,3} {1001} {500} | ^ $ . - { } é \ \d \pL \b "
    r"\z \Z \Q \E (?: (?i) (?i: (?-i) (?P<n> (? \x41 \x{41} \1 \12 \0 [:alpha:] [^ \] \C \_ "
    r"\p{^L} \8 \xg (?)",
    "matchers": r'a b sev = != =~ !~ " \ "x" "x,y" , { } \" \n ( é 1 _ : ~ ! . -',
}


@pytest.mark.parametrize("key", PIECES)
def test_texts_from_pieces_of_the_grammar(key, tmp_path):
    rng = random.Random(7)
    pieces = [*PIECES[key].split(), " ", "\n"]
    texts = ["".join(rng.choices(pieces, k=rng.randint(1, 7))) for _ in range(2000)]
    routes = [{key: [text] if key == "matchers" else {"a": text}} for text in texts]
    made = [grammar.configuration("route", {"receiver": "team", "routes": [r]}) for r in routes]
    assert disagreements(tmp_path, made) == []


def test_several_faults_at_once(tmp_path):
    """A tenth of the fields at random are broken in configurations of several structs."""
    rng = random.Random(11)
    every = list(grammar.one_field_changed())

    def mixed():
        parts = rng.sample(every, 3)
        return {**parts[0], "inhibit_rules": parts[1].get("inhibit_rules", [])} | {
            key: parts[2][key] for key in ("global", "time_intervals") if key in parts[2]
        }

    assert disagreements(tmp_path, [mixed() for _ in range(800)]) == []


def test_the_compliant_tree_and_the_clean_fixtures_load(tmp_path):
    from harness import FIXTURES

    files = [
        FIXTURES / "kerp-compliant/monitoring/alertmanager-config.yaml",
        FIXTURES / "policies/alertmanager-valid/clean/any-name.yaml",
    ]
    assert amtool(tmp_path, [file.read_text("utf-8") for file in files]) == ["", ""]


def test_the_guides_own_file_is_refused(tmp_path):
    from harness import FIXTURES

    text = (FIXTURES / "kerp/monitoring/alertmanager-config.yaml").read_text("utf-8")
    assert amtool(tmp_path, [text]) == ['unsupported scheme "" for URL']
