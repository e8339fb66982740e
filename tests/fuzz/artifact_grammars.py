"""Artifacts made from their grammars: mostly right, now and then with a part that is not."""

from __future__ import annotations

from hypothesis import strategies as st


def _of(*templates: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One of the templates, each `{name}` filled in by its strategy."""
    filled = st.fixed_dictionaries(parts)
    return st.tuples(st.sampled_from(templates), filled).map(lambda t: t[0].format(**t[1]))


def _lines(line: st.SearchStrategy[str], most: int = 6) -> st.SearchStrategy[str]:
    return st.lists(line, min_size=1, max_size=most).map("\n".join)


NAMES = st.sampled_from(["a", "kerp-api", "prod", "x_y", "", "한", "A.b", "$X"])
VALUES = st.sampled_from(["1", "true", "nginx:1.25", "500m", "~", "'a b'", '"c"', "${X:-y}", "*"])
WAIVERS = _of(
    '# kerp-policy: allow {name} until=2026-12-31 reason="{name}"',
    "# kerp-policy: allow {name},b until={name}",
    "# kerp-policy: {name} reason='",
    name=NAMES,
)

WORDS = st.recursive(
    st.sampled_from(["x", "'a b'", '"$y z"', "--k=v", "http://h.example/a", "$'\\n'", ">f", "<in"]),
    lambda inner: _of('"$({a})"', "${{v:-{a}}}", "`{a}`", "$(( {a} ))", "<({a})", a=inner),
    max_leaves=3,
)
COMMANDS = _of(
    "curl {a} {b}",
    "cat <<E {a}\n{b} $v\nE\n",
    "v={a} kubectl apply -f {b}",
    "set -euo pipefail",
    "sudo {a} && {b} || true",
    "docker build -t {a} {b}",
    "cat <<-'E' | {a}\n\t{b}\n\tE\n",
    a=WORDS,
    b=WORDS,
)
SCRIPTS = st.recursive(
    COMMANDS,
    lambda inner: _of(
        "if {a}\nthen {b}\nfi",
        "( {a} ) | {b}",
        "f() {{ {a}\n}}\n{b}",
        "{a}\n{b}",
        "{a} &\n! {b}",
        "case $x in\n a) {a} ;;\n *) {b} ;;\nesac",
        "for i in {a}\ndo {b}\ndone",
        a=inner,
        b=inner,
    ),
    max_leaves=4,
)

INSTRUCTIONS = _of(
    "FROM {name} AS {name}",
    "FROM alpine:3.19",
    "ARG {name}={value}",
    "ENV {name}={value}",
    "RUN {script}",
    "RUN <<E\n{script}\nE",
    'CMD ["{name}", {value}]',
    "COPY --from={name} a {name}",
    "ADD --chown={name} {value} /x",
    "USER {name}",
    "HEALTHCHECK --interval={value} CMD {script}",
    "ONBUILD RUN {script}",
    "SHELL [{value}]",
    "{waiver}",
    "EXPOSE {value}",
    "RUN a \\\n# b\n {name}",
    "# escape=`",
    "LABEL {name}={value}",
    "WORKDIR {name}",
    "{name} {value}",
    name=NAMES,
    value=VALUES,
    script=COMMANDS,
    waiver=WAIVERS,
)

EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["github.ref", "secrets.X", "'a'", "1e3", "true", "inputs['a']", "steps.a.*.b"]
    ),
    lambda inner: _of(
        "({a} && {b})",
        "!{a}",
        "contains({a}, {b})",
        "{a} == {b}",
        "fromJSON({a}).x[{b}]",
        "{a} {b}",
        a=inner,
        b=inner,
    ),
    max_leaves=4,
)
STEPS = _of(
    "      - run: echo ${{{{ {e} }}}}",
    "      - uses: actions/checkout@{name}\n        if: {e}",
    "      - run: |\n          kubectl apply -f {name}\n        env: {{A: '${{{{ {e} }}}}'}}",
    "      {waiver}\n      - run: a",
    e=EXPRESSIONS,
    name=NAMES,
    waiver=WAIVERS,
)
WORKFLOWS = _of(
    "on: {{push: {{branches: [{name}]}}}}\njobs:\n  a:\n    runs-on: x\n    if: {e}\n"
    "    steps:\n{s}\n",
    name=NAMES,
    e=EXPRESSIONS,
    s=_lines(STEPS),
)

QUERIES = st.recursive(
    st.sampled_from(['up{job="a",b=~"c|d"}', "1", "x_seconds_bucket", "'s'"]),
    lambda inner: _of(
        "sum by (a) ({a})",
        "rate({a}[5m])",
        "{a} / {b}",
        "{a} > {b}",
        "({a} and on (x) {b})",
        "histogram_quantile(0.95, {a})",
        "{a} offset 5m",
        "{a}[5m:1m]",
        "-{a}",
        a=inner,
        b=inner,
    ),
    max_leaves=4,
)
RULES = _of(
    "groups:\n- name: {name}\n  rules:\n  - alert: A\n    expr: >-\n      {q}\n    for: {value}\n"
    "    labels: {{severity: {name}}}\n    annotations: {{summary: '{{{{ $value }}}} {name}'}}\n",
    name=NAMES.map(repr),
    value=VALUES,
    q=QUERIES,
)
MATCHERS = _of(
    "{n}{o}{v}",
    "{{{n}{o}{v}}}",
    "{n}{o}{v},b=c",
    n=NAMES,
    v=VALUES,
    o=st.sampled_from(["=", "!=", "=~", "!~", "~"]),
)
ALERTMANAGER = _of(
    "route:\n  receiver: a\n  routes:\n  - matchers: [{m}]\n    receiver: {name}\n"
    "    group_wait: {value}\nreceivers:\n- name: a\n  slack_configs: [{{channel: {name}}}]\n",
    m=MATCHERS.map(lambda text: "'" + text.replace("'", "''") + "'"),
    name=NAMES.map(repr),
    value=VALUES,
)
OBJECTS = _of(
    "apiVersion: {v}\nkind: {k}\nmetadata: {{name: {name}, namespace: kerp-prod}}\nspec:\n"
    "  replicas: {value}\n  template:\n    spec:\n      {waiver}\n      containers:\n"
    "      - {{name: {name}, image: {value}, resources: {{limits: {{cpu: {value}}}}}}}\n",
    v=st.sampled_from(["v1", "apps/v1", "batch/v1"]),
    name=NAMES.map(repr),
    value=VALUES,
    waiver=WAIVERS,
    k=st.sampled_from(["Deployment", "Pod", "CronJob", "Service", "x"]),
)

PROJECTS = st.fixed_dictionaries(
    {},
    optional={
        "Dockerfile": _lines(INSTRUCTIONS, 10),
        "deploy.sh": SCRIPTS.map("#!/bin/bash\nset -e\n{}".format),
        ".github/workflows/ci.yml": WORKFLOWS,
        "rules.yml": RULES,
        "alertmanager.yml": ALERTMANAGER,
        "k8s/a.yaml": _lines(OBJECTS.map("---\n{}".format), 2),
    },
)
"""Projects with a file of some kinds."""
