"""What jobs and scripts do to a cluster: applied files, substitutions, folders, calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.docker.pushed import canonical, differ
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.extract import facts_of
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.pipelines import Apply, Call, Edit, Push, Reach, SetImage, Undo
from kerp_policy.estate.shells import below
from kerp_policy.estate.units import Units
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.source import Source

CONTEXT = Context(load_profile("kerp"))


def facts(text, path):
    source = Source(path, text.encode())
    return tuple(facts_of(read_artifact(source, CONTEXT).views))


def of_step(script, more=""):
    lines = "\n".join(f"          {line}" for line in script.splitlines())
    text = (
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n"
        "    env: {DIR: k8s, NS: kerp-prod}\n"
        f"    steps:\n      - run: |\n{lines}\n{more}"
    )
    return facts(text, ".github/workflows/d.yml")


def only(kind, found):
    return [fact for fact in found if type(fact) is kind]


APPLIES = {
    "kubectl apply -f k8s/": (("k8s",), False, False),
    "kubectl apply -f k8s -R": (("k8s",), True, False),
    "kubectl apply --filename=a.yaml,b.yaml": (("a.yaml", "b.yaml"), False, False),
    "kubectl apply -f a.yaml -f b.yaml": (("a.yaml", "b.yaml"), False, False),
    "kubectl apply -k overlays/production": (("overlays/production",), False, True),
    "cd k8s && kubectl apply -f .": (("k8s",), False, False),
    "(cd k8s/a; kubectl apply -f x.yaml)": (("k8s/a/x.yaml",), False, False),
    'kubectl apply -f "$DIR/x.yaml"': (("k8s/x.yaml",), False, False),
    "kubectl apply -f ${{ env.DIR }}/x.yaml": (("k8s/x.yaml",), False, False),
    'kubectl apply -f "$GITHUB_WORKSPACE/k8s"': (("k8s",), False, False),
    "kubectl apply -f ${{ github.workspace }}/k8s": (("k8s",), False, False),
    "kubectl apply -f $UNKNOWN/x.yaml": ((), False, False),
    "kubectl apply -f https://example.com/x.yaml": ((), False, False),
    "kubectl apply -f /tmp/x.yaml": ((), False, False),
    "cat k8s/a.yaml | kubectl apply -f -": (("k8s/a.yaml",), False, False),
    "kubectl apply -f - < k8s/a.yaml": (("k8s/a.yaml",), False, False),
    "envsubst < k8s/a.yaml | kubectl apply -f -": (("k8s/a.yaml",), False, False),
    "kustomize build overlays/p | kubectl apply -f -": (("overlays/p",), False, True),
    "kubectl kustomize overlays/p | kubectl apply -f -": (("overlays/p",), False, True),
    "helm template chart | kubectl apply -f -": ((), False, False),
}


@pytest.mark.parametrize("script", APPLIES)
def test_what_is_applied(script):
    [apply] = only(Apply, of_step(script))
    assert (apply.paths, apply.recursive, apply.kustomize) == APPLIES[script]


def test_what_only_would_be_applied_is_not():
    assert not only(Apply, of_step("kubectl apply --dry-run=server -f k8s/"))
    assert not only(Apply, of_step("kubectl apply -f k8s/", "      - uses: helm/kind-action@v1\n"))


def test_another_project_that_is_checked_out_is_not_this_one():
    more = "      - uses: actions/checkout@v4\n        with: {repository: acme/other}\n"
    assert not only(Apply, of_step("kubectl apply -f k8s/", more))


FILLS = {
    "envsubst < a.yaml": [("envsubst", None, True)],
    "envsubst '$VERSION ${TAG}' < a.yaml": [("envsubst", {"VERSION", "TAG"}, True)],
    'sed "s/\\${VERSION}/$V/" a.yaml': [("sed", {"VERSION"}, True)],
    "sed 's/@TAG@/1/' a.yaml": [("sed", {"TAG"}, True)],
    "sed 's|image: .*|image: x|' a.yaml": [("sed", None, False)],
    "yq '.x = 1' a.yaml": [("yq", None, True)],
    "./render a.yaml": [("render", None, False)],
    "cat a.yaml": [],
}


@pytest.mark.parametrize("script", FILLS)
def test_what_a_text_passes_through(script):
    [apply] = only(Apply, of_step(f"{script} | kubectl apply -f -"))
    assert [(f.by, f.names and set(f.names), f.sure) for f in apply.fills] == FILLS[script]


EDITS = {
    "sed -i 's/${VERSION}/1/' k8s/a.yaml": [(("k8s/a.yaml",), {"VERSION"}, True)],
    "envsubst < a.tpl > k8s/a.yaml": [(("k8s/a.yaml",), None, True)],
    "yq -i '.x=1' k8s/a.yaml": [(("k8s/a.yaml",), None, True)],
    "sed -i -e 's/${A}/1/' -e \"s/@B@/$B/\" k8s/a.yaml": [(("k8s/a.yaml",), {"A", "B"}, True)],
    "sed -i 's/${A}/1/' k8s/*": [(("k8s/*",), {"A"}, True)],
    "find k8s | xargs sed -i 's/${A}/1/'": [(None, None, False), (None, {"A"}, True)],
    "cp a.yaml k8s/b.yaml": [(("k8s/b.yaml", "k8s/b.yaml/a.yaml"), None, False)],
    "make manifests": [(None, None, False)],
    "git checkout other": [(None, None, False)],
    "git rev-parse HEAD": [],
    'echo "v=1" >> "$GITHUB_OUTPUT"': [],
    "cat x.yaml > /tmp/y.yaml": [],
    "kubectl get pods": [],
    "cd k8s && kustomize edit set image api=x": [(("k8s",), None, True)],
}


@pytest.mark.parametrize("script", EDITS)
def test_what_writes_files_before_they_are_applied(script):
    found = [e for e in only(Edit, of_step(script)) if e.paths or e.paths is None]
    told = [(e.paths, e.fill.names and set(e.fill.names), e.fill.sure) for e in found]
    assert told == EDITS[script]


def test_the_image_that_is_set_is_told_as_it_is_written():
    script = 'kubectl set image deploy/api app="$REG/api:${{ github.sha }}" side=x:1 -n $NS'
    first, second = only(SetImage, of_step(script))
    assert (first.kind, first.name, first.namespace) == ("Deployment", "api", "kerp-prod")
    assert (first.container, first.image) == ("app", "${REG}/api:${{ github.sha }}")
    assert (second.container, second.image) == ("side", "x:1")
    assert only(Reach, of_step(script))[0].namespace == "kerp-prod"


def test_a_condition_makes_it_uncertain_that_an_image_is_set():
    [found] = only(SetImage, of_step("if x; then kubectl set image deploy/api a=b; fi"))
    assert not found.always


@pytest.mark.parametrize("more", ["", " --dry-run=client -o yaml | kubectl apply -f -"])
def test_a_secret_that_a_job_creates_is_declared_there(more):
    script = "kubectl create secret generic db -n kerp-prod --from-literal=a=$B"
    [declared] = only(Declared, of_step(script + more))
    assert (declared.id, declared.keys) == (("Secret", "kerp-prod", "db"), None)


@pytest.mark.parametrize("script", ["x || kubectl apply -f a", "x ||\n  kubectl apply -f a"])
def test_what_runs_only_after_a_failure_does_not_always_run(script):
    [apply] = only(Apply, of_step(script))
    assert not apply.always
    assert only(Apply, of_step(script.replace("||", "&&")))[0].always


def test_a_secret_that_a_job_only_prints_is_not_declared():
    assert not only(Declared, of_step("kubectl create secret generic db --dry-run=client"))


def test_pushes():
    [push] = only(Push, of_step('docker push "$REG/api:1"'))
    assert push.image == "${REG}/api:1"


@pytest.mark.parametrize(
    ("line", "scripts"),
    [
        ("./scripts/deploy.sh", ["scripts/deploy.sh"]),
        ("./deploy --all", ["deploy"]),
        ("bash k8s/go.sh x", ["k8s/go.sh"]),
        ("sh -e -o nounset k8s/go", ["k8s/go"]),
        (". ./go", ["go"]),
        ("$FOLDER/go.sh", []),
        ("bash $SCRIPT", []),
    ],
)
def test_what_a_script_writes_is_asked_of_itself_where_it_is_known(line, scripts):
    found = of_step(line)
    assert [call.script for call in only(Call, found)] == scripts
    assert [edit.paths for edit in only(Edit, found)] == ([] if scripts else [None])


ROLLBACK = """#!/bin/bash
NS="${1:-kerp-prod}"
NAME=${2}
cd "$(dirname "$0")/../k8s"
kubectl apply -f a.yaml
kubectl rollout undo deployment/$NAME -n $NS
kubectl rollout undo deployment/api --to-revision=$R
kubectl rollout undo deploy api --to-revision=0
"""


def test_scripts_know_their_folder_and_their_defaults():
    found = facts(ROLLBACK, "scripts/rollback.sh")
    assert [apply.paths for apply in only(Apply, found)] == [("k8s/a.yaml",)]
    told = [(undo.name, undo.namespace) for undo in only(Undo, found)]
    assert told == [(None, "kerp-prod"), ("api", None)]


def test_a_path_outside_the_project_is_none():
    assert below("a", "../b") == "b"
    assert below("a", "../../b") is None
    assert below("a", "/b") is None
    assert below(None, "b") is None


FILES = ("k8s/b.yaml", "k8s/a.yml", "k8s/sub/c.json", "k8s/readme.md", "k8s2/d.yaml")


@pytest.mark.parametrize(
    ("script", "files"),
    {
        "kubectl apply -f k8s": ("k8s/a.yml", "k8s/b.yaml"),
        "kubectl apply -R -f k8s": ("k8s/a.yml", "k8s/b.yaml", "k8s/sub/c.json"),
        "kubectl apply -f k8s/b.yaml -f k8s": ("k8s/b.yaml", "k8s/a.yml"),
        "kubectl apply -f 'k8s/*.yaml'": ("k8s/b.yaml",),
        "kubectl apply -f nowhere": (),
    }.items(),
)
def test_files_are_applied_in_the_order_of_the_command_and_of_their_names(script, files):
    [apply] = only(Apply, of_step(script))
    assert Estate([apply], FILES).made(Units).applied(apply) == files


CUT_SHORT = [
    "kubectl rollout undo",
    "kubectl set image",
    "kubectl apply -f",
    "kubectl create secret",
    "kubectl",
    "docker push",
    "kustomize edit",
    "sed -i",
    "cp a",
    "cd",
    "envsubst |",
    "bash",
    "git",
]


@pytest.mark.parametrize("script", CUT_SHORT)
def test_a_command_that_is_cut_short_does_no_harm(script):
    found = of_step(f"{script}\nkubectl apply -f k8s")
    assert only(Apply, found)[-1].job == ".github/workflows/d.yml#deploy"


WORDS = """kubectl apply set image -f -k -n - k8s deploy/api a=b | ; && ( ) > $X sed -i cd ..
    envsubst rollout undo --to-revision=0 'x' docker push kustomize build edit cp mv tee"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12))
def test_no_order_of_words_is_too_much(found):
    for fact in of_step(" ".join(found)):
        assert fact.file == ".github/workflows/d.yml"


@pytest.mark.parametrize("option", ["-c", "-lc", "-euxc", "-e -c"])
def test_commands_that_a_shell_is_given_are_no_script(option):
    assert not only(Call, of_step(f"bash {option} 'make deploy'"))


def test_names_of_images_that_are_pushed_are_compared_as_docker_takes_them():
    """Whether two names are of different images; None where a variable decides it."""
    pairs = {
        ("kerp/api", "docker.io/kerp/api:latest"): False,
        ("r.io:5000/api", "r.io:5000/api:latest"): False,
        ("$R/api:${{ github.sha }}", "${R}/api:$GITHUB_SHA"): False,
        ("${{ env.R }}/api", "$R/api"): False,
        ("api", "$R/api"): True,
        ("r.io/kerp/api", "$R/api"): None,
        ("$R/api", "$S/api"): None,
        ("$R/api", "$S/web"): True,
        ("$R/$NAME", "$R/api"): None,
        ("api:1", "api:$TAG"): None,
        ("api:1", "api:v$GITHUB_SHA"): True,
        ("api:$GITHUB_SHA", "api:$GITHUB_RUN_ID"): True,
        ("api:${GITHUB_SHA::7}", "api:$GITHUB_SHA"): True,
        ("api:${GITHUB_SHA::7}", "api:${GITHUB_SHA:0:7}"): None,
    }
    told = {(a, b): differ(canonical(a), canonical(b)) for a, b in pairs}
    assert told == pairs
    assert {(a, b): differ(canonical(b), canonical(a)) for a, b in pairs} == pairs
