"""The commands beside `check`, and what the program does without."""

import json
import subprocess
import sys

import pytest

from cli import kerp_policy, write
from kerp_policy import __version__


def test_the_version(tmp_path):
    assert kerp_policy("--version", cwd=tmp_path).out == f"kerp-policy {__version__}\n"


def test_the_list_names_every_policy_with_its_clauses(tmp_path):
    lines = kerp_policy("list", cwd=tmp_path).out.splitlines()
    assert lines[0] == "K-ERP deployment and operations guide, 1.0"
    [uid] = [line for line in lines if line.startswith("run-as-uid ")]
    assert uid.split(maxsplit=4) == [
        "run-as-uid",
        "error",
        "3.1-f,",
        "8.1-b",
        "Containers run as UID 1001",
    ]


def test_a_policy_explains_itself(tmp_path):
    told = kerp_policy("explain", "run-as-uid", cwd=tmp_path).out
    for part in (
        "run-as-uid (error)\nContainers run as UID 1001\n",
        "  clause 3.1-f, Workloads: runAsNonRoot, runAsUser 1001 and fsGroup 1001 in effect",
        "  parameter uid: 1001\n",
        "\nWhy\n  One known UID",
        "\nHow\n  Set securityContext.runAsUser to 1001",
        "\nBad\n  securityContext:\n    runAsUser: 0\n",
        "\nGood\n  securityContext:\n    runAsUser: 1001\n",
    ):
        assert part in told


@pytest.mark.parametrize("name", ["config", "expected", "output", "policy", "profile"])
def test_the_schemas_are_schemas(tmp_path, name):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is the oracle here")
    schema = json.loads(kerp_policy("schema", name, cwd=tmp_path).out)
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", ["config", "expected", "policy", "profile"])
def test_an_editor_can_say_what_each_key_means(tmp_path, name):
    schema = json.loads(kerp_policy("schema", name, cwd=tmp_path).out)
    assert list(keys_without_a_word(schema, ())) == []


def keys_without_a_word(schema, path):
    for key, part in schema.get("properties", {}).items():
        if isinstance(part, dict):
            if not {"description", "$ref"} & part.keys():
                yield (*path, key)
            yield from keys_without_a_word(part, (*path, key))
    for part in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from keys_without_a_word(part, path)


def modules(*arguments, cwd):
    code = (
        "import sys\nfrom kerp_policy.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines())


def test_what_is_not_needed_is_not_imported(tmp_path):
    write(tmp_path, {"Dockerfile": "FROM alpine:3.19\n"})
    heavy = {"yaml", "jsonschema_rs", "dockerfile_parse", "kerp_policy.engine", "jsonschema"}
    assert modules("--version", cwd=tmp_path) & heavy == set()
    modules("list", cwd=tmp_path)  # fills the cache of policies
    assert modules("list", cwd=tmp_path) & heavy == set()
    loaded = modules("check", "Dockerfile", cwd=tmp_path)
    assert (
        loaded & {"jsonschema_rs", "jsonschema", "pathspec", "kerp_policy.kubernetes.versions"}
        == set()
    )
    assert "dockerfile_parse" in loaded
