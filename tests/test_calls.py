"""Who calls which workflow or action of a project: loops, levels, and whatever stands there."""

import pytest

from harness import judge
from kerp_policy.estate.call_chains import MOST_LEVELS

CALLED = "on: workflow_call\njobs:\n"
CALLER = "on: push\njobs:\n"


def call(name, *, job="next", more=""):
    return f"  {job}:\n    uses: ./.github/workflows/{name}.yml\n{more}"


def told(tmp_path, policy, **workflows):
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in workflows.items():
        (folder / f"{name}.yml").write_text(text)
    found = (f for f in judge(tmp_path, policy) if f.policy == policy)
    return [(f.file.rpartition("/")[2], f.place.span.line, f.message) for f in found]


def chain(levels):
    last = {f"w{levels - 1:02}": f"{CALLED}  end:\n    runs-on: x\n    steps: [run: ls]\n"}
    rest = {f"w{i:02}": CALLED + call(f"w{i + 1:02}") for i in range(1, levels - 1)}
    return {"w00": CALLER + call("w01"), **rest, **last}


def test_as_many_levels_as_github_takes(tmp_path):
    assert told(tmp_path, "called-workflow", **chain(MOST_LEVELS)) == []


def test_one_level_too_many_is_told_where_the_chain_begins(tmp_path):
    message = "this call makes 11 levels of workflows; expected at most 10"
    assert told(tmp_path, "called-workflow", **chain(11)) == [("w00.yml", 4, message)]


def test_two_levels_too_many_are_told_once(tmp_path):
    message = "this call makes 11 levels of workflows; expected at most 10"
    assert told(tmp_path, "called-workflow", **chain(12)) == [("w01.yml", 4, message)]


def test_a_workflow_that_calls_itself(tmp_path):
    path = ".github/workflows/again.yml"
    message = f"these workflows call each other: {path} → {path}"
    found = told(tmp_path, "called-workflow", again=CALLED + call("again"))
    assert found == [("again.yml", 4, message)]


def test_what_is_asked_for_below_a_job_that_states_nothing(tmp_path):
    top = call("middle", more="    permissions: {contents: read}\n")
    inner = (
        f"{CALLED}  end:\n    permissions: {{pages: write}}\n    runs-on: x\n    steps: [run: ls]\n"
    )
    found = told(
        tmp_path,
        "called-permissions",
        top=CALLER + top,
        middle=CALLED + call("inner"),
        inner=inner,
    )
    message = ".github/workflows/middle.yml asks for pages: write, and job next grants pages: none"
    assert found == [("top.yml", 5, message)]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        " [inputs]",
        " {inputs: [a], secrets: b, outputs: 3}",
        " {inputs: {a: , b: [c], d: {type: [string], required: [true]}}}",
        " {secrets: {a: {required: x}}, outputs: {b: }}",
    ],
)
def test_whatever_a_called_workflow_declares(tmp_path, asked):
    text = f"on:\n  workflow_call:{asked}\npermissions: 3\njobs: {{a: {{permissions: [x]}}}}\n"
    more = "    with: [a]\n    secrets: 3\n    permissions: {contents: [read]}\n"
    assert told(tmp_path, "called-workflow", x=text, y=CALLER + call("x", more=more)) == []


def test_many_names_that_are_not_there_take_no_long_time(tmp_path):
    """No name is looked for that may be meant where so many would be compared."""
    asked = "".join(f"      a{i}: {{type: string, required: true}}\n" for i in range(400))
    given = "".join(f"      b{i}: 1\n" for i in range(400))
    found = told(
        tmp_path,
        "called-workflow",
        x=f"on:\n  workflow_call:\n    inputs:\n{asked}jobs: {{a: {{runs-on: x, steps: [1]}}}}\n",
        y=CALLER + call("x", more=f"    with:\n{given}"),
    )
    missing = "the inputs a0, a1, a2, a3, a4 and others of .github/workflows/x.yml"
    assert found[0] == ("y.yml", 4, f"{missing} are required and not given")
    assert found[1] == ("y.yml", 6, '.github/workflows/x.yml has no input "b0"')
    assert len(found) == 401
