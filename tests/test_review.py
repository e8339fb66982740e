"""`kerp-policy review`: the checklist, filled in from real changes of real repositories."""

import json
import re
import shlex
import shutil

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_markdown import MENTION, rendered

from cli import kerp_policy, write
from harness import FIXTURES, ROOT
from kerp_policy.findings import Place
from kerp_policy.policy.validate import schema
from kerp_policy.report.markup import one_line
from kerp_policy.review.database import is_migration
from kerp_policy.review.hosts import hosts_of
from kerp_policy.review.leaves import leaves
from kerp_policy.review.markdown import MAX_CHARACTERS, markdown
from kerp_policy.review.model import Answer, Entry, Review, Revision, Section
from kerp_policy.review.pairs import paired
from kerp_policy.review.settings import Setting
from kerp_policy.review.values import shown
from kerp_policy.sources.source import Span
from repository import API, Repository
from runs import ANY_TEXT, HOSTILE

PRODUCTION = "deployments/k8s/production"
DEPLOYMENT = "Deployment kerp-prod/kerp-api"
CONTAINER = f"{DEPLOYMENT}, container api"


def review(repository, *options, base="HEAD", cwd="."):
    """The answers by their ids, of a report that fits its schema."""
    done = kerp_policy(
        *("review", "--base", base, "--format", "json", *options), cwd=repository.folder / cwd
    )
    assert done.code == 0, done.err
    jsonschema.validate(done.report, schema("review"))
    return {answer["id"]: answer for answer in done.report["answers"]}


def told(answer, *keys):
    """The entries of an answer as tuples of these keys."""
    return [tuple(entry[key] for key in keys) for entry in answer["entries"]]


def find(answer, **wanted):
    """The one entry with these values."""
    [found] = [e for e in answer["entries"] if wanted.items() <= e.items()]
    return found


@pytest.fixture
def kerp(tmp_path):
    """The guide's own tree, committed."""
    shutil.copytree(FIXTURES / "kerp", tmp_path / "kerp")
    (tmp_path / "kerp/expected.yaml").unlink()
    repository = Repository(tmp_path / "kerp")
    repository.commit()
    return repository


def edit(repository, file, *replacements):
    path = repository.folder / file
    text = path.read_text()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def test_an_image_a_probe_a_limit_and_replicas(kerp):
    edit(
        kerp,
        f"{PRODUCTION}/api-deployment.yaml",
        ("kerp/api:${VERSION}", "kerp/api:1.5.0"),
        ("periodSeconds: 20", "periodSeconds: 10"),
        ('memory: "2Gi"', 'memory: "3Gi"'),
        ("replicas: 3", "replicas: 5"),
    )
    edit(kerp, f"{PRODUCTION}/api-hpa.yaml", ("maxReplicas: 10", "maxReplicas: 20"))
    answer = review(kerp)["running"]
    scaler = "HorizontalPodAutoscaler kerp-prod/kerp-api-hpa"
    assert told(answer, "change", "holder", "what", "old", "new", "line") == [
        ("changed", DEPLOYMENT, "replicas", "3", "5", 11),
        ("changed", CONTAINER, "image", "kerp/api:${VERSION}", "kerp/api:1.5.0", 39),
        ("changed", CONTAINER, "resources limits.memory", "2Gi", "3Gi", 67),
        ("changed", CONTAINER, "livenessProbe", "periodSeconds 20", "periodSeconds 10", 74),
        ("changed", scaler, "maxReplicas", "10", "20", 13),
    ]
    assert answer["answered"]
    assert answer["says"] == "5 changed"


def test_settings_and_who_sees_them(kerp):
    edit(
        kerp,
        f"{PRODUCTION}/configmap.yaml",
        ('  DB_NAME: "kerp"\n', '  FEATURE_X: "on"\n'),
        ('DB_PORT: "5432"', 'DB_PORT: "5433"'),
    )
    edit(kerp, f"{PRODUCTION}/secrets.yaml", ("JWT_SECRET", "JWT_KEY"))
    edit(
        kerp,
        f"{PRODUCTION}/api-deployment.yaml",
        ("- name: LOG_LEVEL\n", "- name: LEVEL\n"),
        ("- name: tmp\n              mountPath", "- name: temporary\n              mountPath"),
    )
    edit(kerp, ".github/workflows/deploy.yml", ("EKS_CLUSTER: kerp-cluster", "EKS_CLUSTER: kerp-2"))
    answer = review(kerp)["environment"]
    config, secret = "ConfigMap kerp-prod/kerp-config", "Secret kerp-prod/kerp-secrets"
    rows = told(answer, "change", "holder", "what", "old", "new")
    assert ("changed", config, "DB_PORT", "5432", "5433") in rows
    assert ("added", config, "FEATURE_X", None, "on") in rows
    assert ("removed", config, "DB_NAME", "kerp", None) in rows
    assert ("added", secret, "JWT_KEY", None, None) in rows
    assert ("removed", secret, "JWT_SECRET", None, None) in rows
    assert ("added", CONTAINER, "LEVEL", None, "info") in rows
    workflow = "workflow .github/workflows/deploy.yml"
    assert ("changed", workflow, "EKS_CLUSTER", "kerp-cluster", "kerp-2") in rows
    for what in ("DB_PORT", "DB_NAME", "JWT_KEY"):
        assert find(answer, what=what)["users"] == [DEPLOYMENT]
    assert answer["says"] == "3 added, 2 changed, 3 removed"


def test_what_breaks(kerp):
    edit(
        kerp,
        f"{PRODUCTION}/api-deployment.yaml",
        ("containerPort: 8080", "containerPort: 9090"),
        ("    matchLabels:\n      app: kerp\n", "    matchLabels:\n      app: kerp2\n"),
    )
    edit(kerp, f"{PRODUCTION}/ingress.yaml", ("host: api.", "host: api2."))
    edit(kerp, f"{PRODUCTION}/api-service.yaml", ("port: 80\n", "port: 81\n"))
    (kerp.folder / f"{PRODUCTION}/configmap.yaml").unlink()
    answer = review(kerp)["breaking"]
    refused = "the API server refuses this; the object must be deleted and made anew"
    selector = find(answer, what="spec.selector")
    assert (selector["old"], selector["new"]) == ("app kerp", "app kerp2")
    assert (selector["note"], selector["line"]) == (refused, 19)
    gone = "who connects to it is refused"
    assert find(answer, what="ports 8080", holder=CONTAINER)["note"] == gone
    assert find(answer, what="ports 80", holder="Service kerp-prod/kerp-api")["note"] == gone
    host = find(answer, what="api.kerp.example.com/")
    assert (host["change"], host["line"]) == ("removed", 19)
    config = find(answer, what="", holder="ConfigMap kerp-prod/kerp-config")
    assert config["change"] == "removed"
    assert find(answer, what="DB_HOST")["users"] == [DEPLOYMENT]


def test_what_only_grows_breaks_nothing(kerp):
    edit(kerp, f"{PRODUCTION}/configmap.yaml", ("data:\n", 'data:\n  NEW: "1"\n'))
    answer = review(kerp)["breaking"]
    assert answer["entries"] == []
    assert answer["says"] == "nothing that others can rely on went away or changed its name"


def test_external_hosts(kerp):
    old, new = "kerp-redis.xxx.cache.amazonaws.com", "redis.example.com"
    edit(
        kerp,
        f"{PRODUCTION}/configmap.yaml",
        (old, new),
        ("nats://kerp-nats:4222", "nats://other:4222"),
        ('POPBILL_ENV: "production"', 'POPBILL_URL: "https://api.popbill.com/v2"'),
    )
    answer = review(kerp)["external"]
    assert told(answer, "change", "what", "old", "new") == [
        ("added", "REDIS_HOST", None, new),
        ("removed", "REDIS_HOST", old, None),
        ("added", "POPBILL_URL", None, "api.popbill.com"),
    ]


MIGRATIONS = {
    "db/migrations/000012_add.up.sql": "there is no `db/migrations/000012_add.down.sql`, so a"
    " rollback leaves the database as it is",
    "db/V2__add.sql": "no undo migration (U…) goes with it, so a rollback leaves the database as it"
    " is",
    "prisma/migrations/2026_add/migration.sql": "Prisma keeps no way back",
    "alembic/versions/ab12_add.py": "it says nothing of the way back, so a rollback leaves the"
    " database as it is",
    "app/migrations/0002_add.py": "its name does not tell whether there is a way back",
}


@pytest.mark.parametrize("file", MIGRATIONS)
def test_a_migration_and_what_it_lacks(kerp, file):
    kerp.stage({file: "x = 1\n"})
    answer = review(kerp)["database"]
    assert told(answer, "change", "file", "note") == [("added", file, MIGRATIONS[file])]
    assert (answer["answered"], answer["says"]) == (True, "yes: 1 added")


def test_a_migration_with_its_way_back_lacks_nothing(kerp):
    kerp.stage(
        {
            "db/migrations/1_a.up.sql": "",
            "db/migrations/1_a.down.sql": "",
            "db/2_b.sql": "-- +goose Up\nx\n-- +goose Down\ny\n",
            "alembic/versions/c.py": "def upgrade(): ...\ndef downgrade(): ...\n",
        }
    )
    assert {entry["note"] for entry in review(kerp)["database"]["entries"]} == {""}


def test_a_migration_that_changed_does_not_run_again(kerp):
    kerp.commit({"db/migrations/1_a.up.sql": "a", "db/migrations/1_a.down.sql": "b"})
    kerp.stage({"db/migrations/1_a.up.sql": "c"})
    [(note,)] = told(review(kerp)["database"], "note")
    assert note == "where it has run already it does not run again"


def test_whether_there_are_migrations_is_not_guessed(kerp):
    answer = review(kerp)["database"]
    assert not answer["answered"]
    assert "they may lie elsewhere" in answer["says"]
    edit(kerp, "scripts/migrate.sh", ("set -e", "set -eu"))
    answer = review(kerp)["database"]
    assert (answer["answered"], told(answer, "file")) == (False, [("scripts/migrate.sh",)])
    kerp.commit({"db/migrations/1_a.up.sql": ""})
    answer = review(kerp)["database"]
    assert (answer["answered"], answer["says"]) == (True, "no: no migration differs")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("migrations/0001_a.py", True),
        ("a/migrations/__init__.py", False),
        ("alembic/env.py", False),
        ("db/migrate/1_a.rb", True),
        ("schema.sql", True),
        ("docs/migrations.md", False),
        ("src/migrate.ts", False),
        ("node/migrations/package.json", False),
    ],
)
def test_what_is_a_migration(path, expected):
    assert is_migration(path) is expected


def test_where_a_rollback_leads(kerp):
    edit(kerp, f"{PRODUCTION}/api-deployment.yaml", ("periodSeconds: 20", "periodSeconds: 10"))
    edit(kerp, f"{PRODUCTION}/configmap.yaml", ('"5432"', '"5433"'))
    answer = review(kerp)["rollback"]
    assert not answer["answered"]
    image = find(answer, what="image")
    assert image["old"] == "kerp/api:${VERSION}"
    assert image["note"].startswith("the manifest does not say which image that was")
    undo = find(answer, what="kubectl rollout undo")
    assert (undo["file"], undo["line"]) == ("scripts/rollback.sh", 19)
    assert "goes back to `kerp/api:${VERSION}`, which cannot be pulled" in undo["note"]
    config = find(answer, holder="ConfigMap kerp-prod/kerp-config")
    assert config["note"] == "kubectl rollout undo does not bring its old state back"


def test_a_rollback_that_can_run(tmp_path):
    repository = Repository(tmp_path)
    undo = "set -e\nkubectl rollout undo deployment/api -n kerp-prod\n"
    repository.commit({"api.yaml": API, "back.sh": undo})
    commit = repository.git("rev-parse", "HEAD").strip()
    repository.stage({"api.yaml": API.replace("1.4.2", "1.5.0")})
    answer = review(repository)["rollback"]
    assert answer["answered"]
    assert answer["says"] == f"a rollback leads to `HEAD` ({commit[:12]})"
    repository.stage({"back.sh": "true\n"})
    answer = review(repository)["rollback"]
    assert not answer["answered"]
    assert "no workflow or script here undoes a rollout" in answer["says"]


def test_a_rollback_to_a_tag_that_moves(tmp_path):
    repository = Repository(tmp_path)
    repository.commit({"api.yaml": API.replace("1.4.2", "latest")})
    repository.stage({"api.yaml": API})
    image = find(review(repository)["rollback"], what="image")
    assert image["note"] == "its tag moves, so it may be another one now"


def test_findings_that_are_new_and_gone(kerp):
    edit(kerp, f"{PRODUCTION}/api-hpa.yaml", ("maxReplicas: 10", "maxReplicas: 20"))
    edit(kerp, "deployments/k8s/cronjobs.yaml", ('"0 23 L * *"', '"0 23 1 * *"'))
    answer = review(kerp)["findings"]
    new = find(answer, holder="hpa-bounds")
    assert (new["change"], new["new"], new["line"]) == ("added", "error", 13)
    assert find(answer, holder="cron-schedule")["change"] == "removed"


def test_what_nobody_read_keeps_the_boxes_open(kerp):
    kerp.stage({"chart/Chart.yaml": "name: a\n", "chart/values.yaml": "a: 1\n"})
    kerp.stage({f"{PRODUCTION}/configmap.yaml": "a: [\n"})
    answers = review(kerp)
    for id in ("environment", "external", "breaking", "running"):
        assert not answers[id]["answered"]
        assert "`chart/values.yaml` (belongs to a chart" in answers[id]["says"]
        assert f"`{PRODUCTION}/configmap.yaml` (cannot be read" in answers[id]["says"]


def test_what_people_answer_stays_open(kerp):
    answers = review(kerp)
    people = ("tests", "reviewed", "scanned", "linted", "announced", "watched")
    assert not any(answers[id]["answered"] for id in people)
    assert answers["announced"]["says"] == "no file shows who was told"


def test_revisions_the_index_and_a_folder_below(kerp):
    base = kerp.git("rev-parse", "HEAD").strip()
    edit(kerp, f"{PRODUCTION}/api-hpa.yaml", ("maxReplicas: 10", "maxReplicas: 9"))
    assert told(review(kerp, "--staged")["running"], "what") == []
    kerp.stage({})
    staged = review(kerp, "--staged")
    assert told(staged["running"], "old", "new") == [("10", "9")]
    kerp.commit()
    edit(kerp, f"{PRODUCTION}/api-hpa.yaml", ("maxReplicas: 9", "maxReplicas: 8"))
    assert review(kerp, "--head", "HEAD", base=base) == staged | {
        "rollback": review(kerp, "--head", "HEAD", base=base)["rollback"]
    }
    assert told(review(kerp, base=base, cwd="web")["running"], "new") == [("8",)]


def test_an_object_that_moves_to_another_file_is_the_same(kerp):
    kerp.git("mv", f"{PRODUCTION}/api-hpa.yaml", f"{PRODUCTION}/scaling.yaml")
    answers = review(kerp)
    assert answers["running"]["entries"] == answers["breaking"]["entries"] == []


def test_objects_of_one_name_are_told_apart_by_their_files(tmp_path):
    repository = Repository(tmp_path)
    bare = API.replace(", namespace: kerp-prod", "")
    repository.commit({"staging/a.yaml": bare, "production/a.yaml": bare})
    repository.stage({"production/a.yaml": bare.replace("1.4.2", "1.5.0")})
    [(file, new)] = told(review(repository)["running"], "file", "new")
    assert (file, new) == ("production/a.yaml", "registry.example.com/api:1.5.0")


def test_dockerfiles(kerp):
    kerp.commit({"a/Dockerfile": "FROM a:1.2 AS one\nARG V=1\nENV A=1\nEXPOSE 80\n"})
    kerp.stage({"a/Dockerfile": "FROM a:1.2 AS two\nENV A=2\n"})
    answers = review(kerp)
    assert told(answers["environment"], "change", "what", "old", "new") == [
        ("changed", "ENV A", "1", "2"),
        ("removed", "ARG V", "1", None),
    ]
    gone = {(e["what"], e["note"]) for e in answers["breaking"]["entries"]}
    assert gone == {
        ("ARG V", "what a build still passes under the name is dropped"),
        ("stage one", "a build with --target of that name fails"),
        ("EXPOSE 80", "the image names the port no longer"),
    }


def test_inputs_of_a_workflow(kerp):
    edit(
        kerp,
        ".github/workflows/deploy.yml",
        ("      environment:\n        description", "      stage:\n        description"),
    )
    answer = review(kerp)["breaking"]
    gone = find(answer, what="input environment of workflow_dispatch")
    assert (gone["change"], gone["note"]) == ("removed", "who gives it is refused")
    new = find(answer, what="input stage of workflow_dispatch")
    assert (new["change"], new["note"]) == ("added", "who starts it must give this now")


def test_optional_references_and_picked_keys(tmp_path):
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {A: '1', B: '1'}\n"
    pods = """\
apiVersion: v1
kind: Pod
metadata: {name: all}
spec: {containers: [{name: a, envFrom: [{configMapRef: {name: c, optional: true}}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers: [{name: a, env: [{name: X, valueFrom: {configMapKeyRef: {name: c, key: B}}}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: file, namespace: other}
spec: {containers: [], volumes: [{name: v, configMap: {name: c, items: [{key: A}]}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: none}
spec: {containers: [{name: a, envFrom: [{secretRef: {name: c}}]}]}
"""
    repository = Repository(tmp_path)
    repository.commit({"c.yaml": config, "pods.yaml": pods})
    repository.stage({"c.yaml": config.replace("'1'", "'2'")})
    answer = review(repository)["environment"]
    assert find(answer, what="A")["users"] == ["Pod all", "Pod other/file"]
    assert find(answer, what="B")["users"] == ["Pod all", "Pod one"]


def test_no_secret_is_shown(kerp):
    password = "".join(("Tr0ub4", "dor&", "3xyzzy"))
    token = "".join(("glpat", "-", "a1B2c3D4e5", "Zx9Yw8Vu7T"))
    kerp.stage(
        {
            "c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
            f"  DB_PASSWORD: {password}\n  URL: postgres://u:{password}@db.example.com/x\n"
            f"  TEXT: see {token}\n",
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
            f"stringData: {{A: {password}}}\n",
            "w/Dockerfile": f"FROM a:1.2\nENV API_TOKEN={token} API_KEY={password}\n",
        }
    )
    for form in ("json", "markdown"):
        done = kerp_policy("review", "--base", "HEAD", "--format", form, cwd=kerp.folder)
        assert "URL" in done.out
        assert password not in done.out
        assert token not in done.out


def test_the_report_is_the_same_each_time(kerp):
    edit(kerp, f"{PRODUCTION}/configmap.yaml", ('"5432"', '"5433"'))
    first, second = (
        kerp_policy("review", "--base", "HEAD", cwd=kerp.folder, PYTHONHASHSEED=seed)
        for seed in ("1", "2")
    )
    assert first.out == second.out
    assert "- changed `DB_PORT` of ConfigMap kerp-prod/kerp-config: `5432` → `5433`" in first.out
    assert f"(`{PRODUCTION}/configmap.yaml:13`), seen by {DEPLOYMENT}\n" in first.out
    assert "- [ ] **All tests pass**: the checks of the commit show it" in first.out


def test_a_revision_that_is_not_there(kerp, tmp_path):
    done = kerp_policy("review", "--base", "nowhere", cwd=kerp.folder)
    assert (done.code, done.out) == (2, "")
    assert "git knows no commit 'nowhere' here" in done.err
    done = kerp_policy("review", "--base", "HEAD", "--head", "--exec=x", cwd=kerp.folder)
    assert done.code == 2
    done = kerp_policy("review", "--base", "HEAD", "--head", "HEAD", "--staged", cwd=kerp.folder)
    assert done.code == 2
    assert "--head and --staged exclude each other" in done.err
    kerp.commit()
    kerp.git("clone", "--quiet", "--depth=1", f"file://{kerp.folder}", str(tmp_path / "shallow"))
    done = kerp_policy("review", "--base", "HEAD~1", cwd=tmp_path / "shallow")
    assert done.code == 2
    assert "the clone is shallow, fetch more of the history" in done.err
    assert kerp_policy("review", cwd=kerp.folder).code == 2


def test_a_folder_without_git(tmp_path):
    done = kerp_policy("review", "--base", "HEAD", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")


def entries(text):
    place = Place(Span(1, 1, 1, 2), "a")
    how = st.sampled_from(["added", "changed", "removed", "told"])
    maybe = st.none() | text
    users = st.lists(text, max_size=2).map(tuple)
    return st.builds(Entry, how, text, text, maybe, maybe, text, st.just(place), users, text)


ANSWERS = st.lists(
    st.builds(
        Answer,
        st.just("database"),
        ANY_TEXT,
        st.booleans(),
        ANY_TEXT,
        st.lists(entries(ANY_TEXT), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


def page_of(answers, name="main"):
    section = Section("changes", "What changes", tuple(answers))
    end = Revision(name, "")
    return markdown(Review(end, end, (section,)))


@given(ANSWERS, ANY_TEXT)
def test_what_files_say_is_text_in_the_markdown(answers, name):
    page = rendered(page_of(answers, name))
    ours = {"h3", "h4", "p", "ul", "li", "strong", "code", "input"}
    assert {tag for tag, _ in page.tags} <= ours
    assert not MENTION.search(page.loose)
    assert sum(tag == "h4" for tag, _ in page.tags) == 1
    boxes = sum(len(answer.entries) for answer in answers) + len(answers)
    assert sum(tag == "li" for tag, _ in page.tags) == boxes


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_line(text):
    entry = Entry("changed", text, text, text, text, text, Place(Span(1, 1, 1, 1), ""), (text,))
    answer = Answer("database", "A question", True, "yes", (entry,))
    lines = page_of([answer]).splitlines()
    assert [line[:4] for line in lines if line.startswith(("-", " "))] == ["- [x", "  - "]


def test_what_does_not_fit_is_counted():
    place = Place(Span(1, 1, 1, 1), "")
    many = tuple(Entry("added", "h" * 500, str(i), "", "", "f", place) for i in range(5000))
    page = page_of([Answer("running", "A question", True, "many", many)])
    assert len(page) < MAX_CHARACTERS
    shown_ones = page.count("  - added")
    assert f"  - {5000 - shown_ones} more, which `--format json` has\n" in page


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def at(data, path):
    for step in path:
        data = data[step]
    return data


@given(TREES)
def test_every_value_of_an_object_has_one_path(data):
    found = leaves(data)
    paths = [leaf.path for leaf in found.values()]
    assert len(set(paths)) == len(paths)
    assert all(at(data, leaf.path) == leaf.value for leaf in found.values())


class InFile(tuple):
    @property
    def file(self):
        return self[0]


THINGS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")).map(InFile), max_size=6)


@given(THINGS, THINGS)
def test_pairs_lose_nothing_and_are_alike(old, new):
    pairs = list(paired(old, new, lambda thing: thing[1]))
    assert sorted(o for o, _ in pairs if o) == sorted(old)
    assert sorted(n for _, n in pairs if n) == sorted(new)
    assert all(o[1] == n[1] for o, n in pairs if o and n)


@given(st.text(max_size=20), st.text())
def test_what_is_shown_is_short_and_on_one_line(name, value):
    text = shown(name, value)
    assert len(text) <= 130
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("API_URL", "https://api.example.com/v1", ("api.example.com",)),
        ("BROKERS", "kafka://a.b.com:1,kafka://c.b.com:1", ("a.b.com", "c.b.com")),
        ("DB_HOST", "db.example.com:5432", ("db.example.com",)),
        ("DB_HOST", "db.kerp-prod.svc", ()),
        ("VERSION", "1.2.3", ()),
        ("FILE_NAME", "report.example.pdf", ()),
        ("API_URL", "http://${HOST}/x", ()),
        ("API_URL", "http://10.0.0.1/", ()),
        ("CALLBACK_URL", "https://u:p@api.example.com/", ("api.example.com",)),
    ],
)  # fmt: skip
def test_hosts_outside(name, value, expected):
    place = Place(Span(1, 1, 1, 1), "")
    assert hosts_of(Setting("env", "h", name, value, "f", place)) == expected


def test_the_schema_is_offered(tmp_path):
    done = kerp_policy("schema", "review", cwd=tmp_path)
    assert json.loads(done.out)["title"] == "The JSON report of kerp-policy review"


PAGE = (ROOT / "docs" / "review.md").read_text("utf-8")
SHOWN = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.S))
DEPLOY = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: kubectl apply -f k8s/
"""


def reviewed(folder, files):
    files = {".github/workflows/deploy.yml": DEPLOY, **files}
    done = kerp_policy(
        *("check", "--format", "json", "--select", "reviewed-deployment"), cwd=write(folder, files)
    )
    return [finding["verdict"] for finding in done.findings]


@pytest.mark.parametrize("file", SHOWN)
def test_each_file_that_the_page_shows_settles_the_clause(file, tmp_path):
    assert reviewed(tmp_path / "without", {}) == ["fail"]
    assert reviewed(tmp_path / "with", {file: SHOWN[file]}) == []


def test_the_workflow_that_the_page_shows_breaks_no_policy(tmp_path):
    file = ".github/workflows/review.yml"
    done = kerp_policy(
        "check", "--strict", "--fail-on", "info", cwd=write(tmp_path, {file: SHOWN[file]})
    )
    assert (done.code, done.err) == (0, "")


COMMANDS = re.findall(r"^kerp-policy (review .*?) +#", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_the_page_shows_is_one(command, kerp):
    for name in ("v1.4.0", "v1.5.0"):
        kerp.git("tag", name)
    assert kerp_policy(*shlex.split(command), cwd=kerp.folder).code == 0
