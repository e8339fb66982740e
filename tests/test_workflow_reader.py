"""Workflows: what is in effect, where it is written, which job changes what."""

import pytest

from kerp_policy.artifacts.workflow.evaluate import may_run
from kerp_policy.artifacts.workflow.reader import read_action, read_workflow
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source

PATH = ".github/workflows/deploy.yml"


def workflow(text, path=PATH):
    found, problems = read_workflow(Source(path, text.encode()))
    assert [problem.message for problem in problems] == []
    return found


def problems(text, path=PATH):
    read = read_action if path.endswith("action.yml") else read_workflow
    return [(p.span.start, p.message) for p in read(Source(path, text.encode()))[1]]


JOBS = """\
on: push
env: {A: workflow, B: workflow}
permissions: {contents: read}
defaults: {run: {shell: sh}}
jobs:
  one:
    runs-on: ubuntu-latest
    env: {B: job, C: job}
    permissions: {id-token: write}
    steps:
      - run: ls
        env: {C: step}
      - run: dir
        shell: pwsh
  two:
    needs: one
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {Persist-Credentials: false}
"""


def test_a_step_has_the_variables_of_all_levels_and_knows_where_each_is_written():
    step = workflow(JOBS).jobs["one"].steps[0]
    assert {name: value.value for name, value in step.env.items()} == {
        "A": "workflow",
        "B": "job",
        "C": "step",
    }
    assert step.env["B"].path == ("jobs", "one", "env", "B")


def test_a_jobs_permissions_replace_those_of_the_workflow():
    jobs = workflow(JOBS).jobs
    assert jobs["one"].permissions.value == {"id-token": "write"}
    assert jobs["two"].permissions.path == ("permissions",)


def test_the_shell_is_inherited_and_only_a_bourne_shell_is_read():
    one, two = workflow(JOBS).jobs["one"].steps
    assert (one.shell, two.shell) == ("sh", "pwsh")
    assert [command.name for command in one.script.shell.commands] == ["ls"]
    assert two.script is None
    text = "on: push\njobs:\n  a:\n    runs-on: windows-latest\n    steps:\n      - run: ls\n"
    assert workflow(text).jobs["a"].steps[0].script is None


@pytest.mark.parametrize(
    ("matrix", "condition", "shell"),
    [
        ("os: [windows-2022, windows-2025]", "true", "pwsh"),
        ("os: [ubuntu-24.04, windows-2025]", "true", "bash"),
        ("os: [ubuntu-24.04, windows-2025]", "matrix.os == 'windows-2025'", "pwsh"),
        ("os: [ubuntu-24.04, windows-2025]", "runner.os == 'Windows'", "pwsh"),
        ("os: [ubuntu-24.04, windows-2025]", "runner.os != 'Windows'", "bash"),
        ("include: [{os: macos-15, a: b}, {os: windows-2025, a: c}]", "matrix.a == 'c'", "pwsh"),
        ("os: ['${{ vars.OS }}', windows-2025]", "runner.os == 'Windows'", "pwsh"),
        ("os: ['${{ vars.OS }}', windows-2025]", "runner.arch == 'ARM'", "bash"),
        ("os: ${{ fromJSON(vars.ALL) }}", "runner.os == 'Windows'", "pwsh"),
    ],
)  # fmt: skip
def test_the_shell_is_powershell_where_only_windows_runs_the_step(matrix, condition, shell):
    text = f"""on: push
jobs:
  a:
    strategy:
      matrix:
        {matrix}
    runs-on: ${{{{ matrix.os }}}}
    steps:
      - if: {condition}
        run: ls
"""
    assert workflow(text).jobs["a"].steps[0].shell == shell


def test_inputs_are_found_whatever_their_case():
    step = workflow(JOBS).jobs["two"].steps[0]
    assert step.inputs == {"persist-credentials": False}
    assert step.input_path("persist-credentials")[-1] == "Persist-Credentials"


SCRIPT = """\
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: |
          # 한국어 ${{ 'x' }}
          kubectl set image deploy/api "api=r/${{ a.b }}:$TAG" '${{ c.d }}'
      - run: >-
          echo ${{ e.f }}
          folded
"""


def test_expressions_are_holes_in_scripts_and_everything_has_its_place():
    steps = read_workflow(Source(PATH, SCRIPT.encode()))[0].jobs["one"].steps
    script = steps[0].script
    (command,) = script.shell.commands
    assert {word.span.line for word in command.words} == {8}
    assert [word.span.column for word in command.words] == [11, 19, 23, 29, 40, 64]
    assert [script.written(word) for word in command.words[-2:]] == [
        '"api=r/${{ a.b }}:$TAG"',
        "'${{ c.d }}'",
    ]
    inside = [[e.node.text for e in script.inside(word)] for word in command.words]
    assert inside == [[], [], [], [], ["a.b"], ["c.d"]]
    assert command.words[-2].text is None


def test_what_is_folded_has_its_place():
    steps = read_workflow(Source(PATH, SCRIPT.encode()))[0].jobs["one"].steps
    (command,) = steps[1].script.shell.commands
    assert [word.span.start for word in command.words] == [(10, 11), (10, 16), (11, 11)]


def test_escapes_and_lines_part_a_text_and_what_they_hide_is_at_the_value():
    quoted = 'on: push\nname: "a \\"b\\" \\u00e9 ${{ x }}"\n'
    assert problems(quoted)[-1][0] == (2, 27)
    assert problems("on: push\nname: 'it''s ${{ x }}'\n")[-1][0] == (2, 18)
    assert problems("on: push\nname: a\n  b ${{ x }}\n")[-1][0] == (3, 9)
    assert problems('on: push\nname: "a\n  b ${{ x }}"\n')[-1][0] == (2, 7)


def job(steps, more=""):
    text = f"on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n{more}    steps:\n{steps}"
    return workflow(text).jobs["one"]


def changes(script):
    lines = "".join(f"          {line}\n" for line in script.splitlines())
    return [change.what for change in job(f"      - run: |\n{lines}").changes]


def test_what_changes_a_cluster():
    assert changes("kubectl -n x set image d/a a=b\nkubectl get pods\nsudo kubectl apply -f x") == [
        "kubectl set image",
        "kubectl apply",
    ]
    assert changes("kubectl apply -f x --dry-run=client\nkubectl set image --local -f x a=b") == []
    assert changes("kubectl apply -f x --dry-run=none") == ["kubectl apply"]
    assert changes("echo kubectl apply -f x\n# kubectl apply") == []
    assert changes("kubectl create secret generic s -o yaml | kubectl apply -f -") == []
    assert changes("kustomize build . | kubectl apply -f -") == ["kubectl apply"]
    assert changes("helm --kube-context c upgrade --install a b") == ["helm upgrade"]
    assert changes("kind create cluster\nkubectl apply -f x") == []


REFS = """\
on: push
jobs:
  first:
    if: github.ref == 'refs/heads/main'
    runs-on: x
    steps: [{run: ls}]
  second:
    needs: first
    runs-on: x
    steps: [{run: ls}]
  third:
    needs: second
    if: always()
    runs-on: x
    steps: [{run: ls}]
  fourth:
    needs: second
    if: vars.REALLY
    runs-on: x
    steps: [{run: ls}]
"""


def test_a_job_is_skipped_with_what_it_needs_unless_it_asks_for_the_status():
    jobs = workflow(REFS.replace("vars.REALLY", "vars.REALLY")).jobs

    def answers(ref):
        facts = {"github.ref": ref, "always()": True}
        return [may_run(jobs[id], facts) for id in jobs]

    assert answers("refs/heads/main") == [True, True, True, None]
    assert answers("refs/heads/other") == [False, False, True, False]


def test_before_follows_needs_and_survives_loops():
    text = REFS.replace("    if: github.ref == 'refs/heads/main'\n", "    needs: fourth\n")
    found, (problem,) = read_workflow(Source(PATH, text.encode()))
    assert problem.message == "these jobs wait for each other: first → fourth → second → first"
    jobs = found.jobs
    assert found.waits_for(jobs["third"], jobs["second"])
    assert not found.waits_for(jobs["third"], jobs["third"])
    assert [each.id for each in workflow(REFS).before(workflow(REFS).jobs["third"])] == [
        "first",
        "second",
    ]


def test_what_is_no_workflow_is_told_and_never_raises():
    assert problems("") == [((1, 1), "the workflow is empty")]
    assert problems("- a") == [
        ((1, 1), "the workflow is no mapping of keys such as name, on and jobs")
    ]
    assert ((3, 1), "jobs is a list; expected a mapping") in problems("on: push\n\njobs: []\n")
    assert problems("on: push\njobs: {a: {uses: ./.github/workflows/x.yml}}\n---\na: b\n") == [
        ((4, 1), "a workflow is one YAML document; GitHub does not read a second one")
    ]


def test_an_expression_may_stand_for_a_value_of_any_type():
    timeout = "    needs: one\n    timeout-minutes: ${{ fromJSON('5') }}\n"
    text = JOBS.replace("    needs: one\n", timeout)
    assert problems(text) == []
    assert problems(text.replace("${{ fromJSON('5') }}", "five")) == [
        ((17, 5), "timeout-minutes is a string (five); expected a number")
    ]


@pytest.mark.parametrize(
    ("condition", "start", "end"),
    [
        ("github.ref ==", (4, 22), (4, 22)),
        ('"github.ref =="', (4, 23), (4, 23)),
        ("${{ github.ref == }}", (4, 27), (4, 28)),
        (">-\n      github.ref ==\n      (", (6, 8), (6, 8)),
    ],
)
def test_an_expression_that_breaks_off_has_its_place_within_the_line(condition, start, end):
    text = f"on: push\njobs:\n  a:\n    if: {condition}\n    runs-on: b\n    steps: [{{run: c}}]\n"
    [problem] = read_workflow(Source(PATH, text.encode()))[1]
    assert problem.message == "expression: the expression ends too early; expected a value"
    assert (problem.span.start, (problem.span.end_line, problem.span.end_column)) == (start, end)


def test_contexts_are_held_to_where_they_stand():
    text = JOBS.replace("    needs: one\n", "    needs: one\n    if: secrets.X && steps.y\n")
    assert [message for _, message in problems(text)] == [
        "the context secrets cannot be used in an if; there are github, inputs, needs, vars",
        "the context steps cannot be used in an if; there are github, inputs, needs, vars",
    ]


def test_a_step_can_only_read_steps_before_it():
    steps = "      - run: echo ${{ steps.b.outputs.x }}\n      - id: b\n        run: ls\n"
    text = f"on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n{steps}"
    assert problems(text) == [((6, 23), 'the step "b" has not run when this is read')]


STRANGE = [
    "on: [1, {a: 2}, null]\njobs: {a: 1, b: [], c: {steps: {a: 1}, needs: 3, env: [1], if: [3],"
    " container: [1], services: [2], permissions: [], outputs: 5, environment: [],"
    " concurrency: 4, defaults: {run: 3}}, d: {steps: [1, null, {run: 3, with: 4, uses: [1],"
    " env: 7, if: {}, id: 3}]}}\npermissions: 3\nenv: 4\n",
    "on: {push: 3, pull_request_target: 4, workflow_dispatch: {inputs: [1]}}\n"
    "jobs: {a: {environment: production, steps: [{run: kubectl apply, env: {A: [1]}}]}}\n",
    "on: push\njobs: {a: {uses: 3, secrets: 4, with: [1]}}\n",
    "runs: {using: composite, steps: 3}\n",
    "runs: [composite]\n",
]


def test_strange_values_crash_no_check():
    context = Context(load_profile("kerp"))
    for text in STRANGE:
        for path in (PATH, "action.yml"):
            result = check_file(Source(path, text.encode()), context)
            assert result.crashes == []
            assert all(finding.message for finding in result.findings)


def test_large_files_take_time_in_proportion():
    """Shapes that were quadratic once; each takes well under a second on any machine."""
    head = "on: push\njobs:\n"
    steps = "  j:\n    runs-on: x\n    steps:\n"
    shapes = [
        head + steps + "      - run: " + "echo ${{ github.head_ref }} " * 4000 + "\n",
        head + steps + "      - run: " + "${{ " * 20_000 + "\n",
        head + "".join(f"  j{i}:\n    needs: [{', '.join(f'j{k}' for k in range(i))}]\n"
                       "    steps: [{run: kubectl apply}]\n" for i in range(100)),
    ]  # fmt: skip
    context = Context(load_profile("kerp"))
    for text in shapes:
        assert check_file(Source(PATH, text.encode()), context).crashes == []


def test_more_jobs_than_are_judged_are_told():
    jobs = "".join(f"  j{i}: {{uses: ./.github/workflows/x.yml}}\n" for i in range(501))
    assert problems(f"on: push\njobs:\n{jobs}") == [
        ((2, 1), "of 501 jobs only the first 500 are judged")
    ]


def test_an_empty_key_is_told():
    assert problems("on:\njobs:\n") == [((1, 1), "on is empty"), ((2, 1), "jobs is empty")]
    text = "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run:\n"
    assert problems(text) == [((6, 9), "run is empty")]


def judged(text, path):
    return check_file(Source(path, text.encode()), Context(load_profile("kerp")))


def test_other_files_of_these_names_are_what_they_hold():
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: action}\n"
    assert judged(manifest, "deployments/action.yml").kind == "kubernetes"
    template = "on: push\nname: {{ cookiecutter.name }}\n"
    assert judged(template, "a/.github/workflows/ci.yml").not_judged


def test_needs_take_no_notice_of_case():
    text = (
        "on: push\njobs:\n  Build: {runs-on: x, outputs: {a: b}, steps: [{run: ls}]}\n"
        "  deploy: {needs: build, runs-on: x, steps: [{run: 'ls ${{ needs.build.outputs.a }}'}]}\n"
    )
    found = workflow(text)
    assert found.jobs["deploy"].needs == ("Build",)
    assert found.waits_for(found.jobs["deploy"], found.jobs["Build"])


def test_what_expressions_add_to_a_matrix_is_not_guessed():
    text = (
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {{matrix: {matrix}}}\n"
        "    steps: [{{run: 'ls ${{{{ matrix.arch }}}}'}}]\n"
    )
    told = [((6, 27), 'the matrix of a has no "arch"')]
    assert problems(text.format(matrix="{os: [a], include: [{os: b}]}")) == told
    for matrix in (
        "'${{ fromJSON(vars.M) }}'",
        "{os: [a], include: '${{ fromJSON(vars.M) }}'}",
        "{os: [a], include: ['${{ fromJSON(vars.M) }}']}",
        "{os: [a], include: [{arch: b}]}",
    ):
        assert problems(text.format(matrix=matrix)) == []


def test_inputs_of_the_event_of_a_called_workflow_are_those_of_its_caller():
    text = (
        "on: {on}\njobs:\n  a:\n    runs-on: x\n"
        "    steps: [run: 'ls ${{{{ github.event.inputs.b }}}}']\n"
    )
    assert problems(text.format(on="{workflow_call: {inputs: {a: {type: string}}}}")) == []
    told = [((5, 26), 'there is no input "b"')]
    assert problems(text.format(on="{workflow_dispatch: {inputs: {a: {type: string}}}}")) == told
