import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json

from kerp_policy.kubernetes.versions import kubernetes_validator, served, versions
from kerp_policy.schema import Validator, violations

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "api", "labels": {"app": "kerp"}, "creationTimestamp": None},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "kerp"}},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
        "template": {
            "metadata": {"labels": {"app": "kerp"}},
            "spec": {
                "containers": [
                    {
                        "name": "api",
                        "image": "kerp/api:1.2",
                        "env": [{"name": "PASSWORD", "value": "x"}],
                        "ports": [{"containerPort": 8080}],
                        "resources": {"limits": {"cpu": 1.5, "memory": "2Gi"}, "requests": None},
                        "securityContext": {"runAsUser": 1001},
                    }
                ],
                "volumes": [{"name": "tmp", "emptyDir": None}],
            },
        },
    },
    "status": {"anything": ["goes"]},
}
CONTAINER = ("spec", "template", "spec", "containers", 0)


def changed(path, value):
    """The deployment with one field set; the value `...` takes the field out."""
    data = copy.deepcopy(DEPLOYMENT)
    parent = data
    for step in path[:-1]:
        parent = parent[step]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return data


def found(data, api_version="apps/v1", kind="Deployment", version="1.37"):
    return [
        tuple(one) for one in violations(kubernetes_validator(version, api_version, kind), data)
    ]


@pytest.mark.parametrize("version", versions())
def test_a_sound_object_is_sound_in_every_version(version):
    assert found(DEPLOYMENT, version=version) == []


@pytest.mark.parametrize(
    ("path", "value", "kind", "message"),
    [
        (
            ("spec", "replicas"),
            "3",
            "type",
            'replicas is a string ("3"); expected a whole number',
        ),
        (
            ("spec", "replicas"),
            True,
            "type",
            "replicas is a boolean (true); expected a whole number",
        ),
        (("spec", "template"), None, "type", "template is empty; expected a mapping"),
        (("spec", "selector"), ..., "required", 'required field "selector" is missing in spec'),
        (
            ("spec", "replica"),
            3,
            "unknown",
            'unknown field "replica" in spec; did you mean replicas?',
        ),
        (("replicas",), 3, "unknown", 'unknown field "replicas"; it belongs in spec'),
        (
            ("spec", "containers"),
            [],
            "unknown",
            'unknown field "containers" in spec; it belongs in spec.template.spec',
        ),
        (
            (*CONTAINER, "securityContext", "fsGroup"),
            1001,
            "unknown",
            'unknown field "fsGroup" in securityContext; '
            "it belongs in spec.template.spec.securityContext",
        ),
        (
            (*CONTAINER, "limits"),
            {},
            "unknown",
            'unknown field "limits" in containers[0]; '
            "it belongs in spec.template.spec.containers[0].resources",
        ),
        (
            (*CONTAINER, "ports", 0, "containerport"),
            80,
            "unknown",
            'unknown field "containerport" in ports[0]; did you mean containerPort?',
        ),
        ((*CONTAINER, "qqq"), 1, "unknown", 'unknown field "qqq" in containers[0]'),
        (
            (*CONTAINER, "imagePullPolicy"),
            "always",
            "enum",
            "imagePullPolicy is always; expected one of Always, IfNotPresent, Never; "
            "did you mean Always?",
        ),
        (
            (*CONTAINER, "resources", "limits", "cpu"),
            [],
            "type",
            "cpu is a list; expected a string or a number",
        ),
        ((*CONTAINER, "ports", 0), None, None, None),
    ],
)
def test_place_and_words(path, value, kind, message):
    assert found(changed(path, value)) == ([(path, kind, message)] if kind else [])


def test_no_value_is_shown_where_a_secret_may_stand():
    secret = 12345678
    for path in [
        (*CONTAINER, "env", 0, "value"),
        (*CONTAINER, "args"),
        ("metadata", "annotations"),
        ("metadata", "labels", "access-token"),
    ]:
        ((_, kind, message),) = found(changed(path, secret))
        assert kind == "type"
        assert str(secret) not in message


def test_a_long_value_and_a_long_key_are_cut():
    (violation,) = found(changed(("spec", "replicas"), "x" * 10**6))
    assert violation[2] == "replicas is a string; expected a whole number"
    (violation,) = found(changed(("spec", "x" * 10**6), 1))
    assert len(violation[2]) < 200


def test_hostile_data_ends_with_an_answer():
    many = found(
        {"apiVersion": "apps/v1", "kind": "Deployment", **{f"f{n}": 1 for n in range(10**5)}}
    )
    assert len(many) == 100
    deep: dict = {}
    for _ in range(5000):
        deep = {"spec": deep}
    assert found(deep)[-1][1] == "data"
    assert found({"spec": "\ud800"})[-1][1] == "data"
    assert found(changed(("spec", "replicas"), float("nan")))[0][:2] == (
        ("spec", "replicas"),
        "type",
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "spec"),
    [
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"podSelector": None, "policyTypes": ["Ingress"]},
        ),
        ("networking.k8s.io/v1", "NetworkPolicy", {"policyTypes": ["Ingress"]}),
        ("v1", "Service", {"ports": [{"port": 80, "targetPort": "http"}], "type": None}),
        ("policy/v1", "PodDisruptionBudget", {"maxUnavailable": None, "minAvailable": "50%"}),
        ("v1", "ResourceQuota", {"hard": {"pods": 50, "requests.cpu": "20"}}),
    ],
)
def test_what_the_api_server_takes_is_no_violation(api_version, kind, spec):
    data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    assert found(data, api_version, kind) == []


def test_the_schema_inside_a_custom_resource_definition_is_free_where_it_is_json():
    schema = {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {
            "port": {"x-kubernetes-int-or-string": True, "default": 80, "enum": [80, "http"]},
            "any": {"additionalProperties": True, "example": {"a": [1]}},
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Thing", "plural": "things"}
    spec = {"group": "a.io", "scope": "Namespaced", "names": names, "versions": [version]}
    data = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": spec,
    }
    assert found(data, data["apiVersion"], data["kind"]) == []
    schema["propertees"] = {}
    ((_, kind, message),) = found(data, data["apiVersion"], data["kind"])
    assert (kind, message.split("; ")[1]) == ("unknown", "did you mean properties?")


def test_custom_resources_have_no_validator():
    assert kubernetes_validator("1.37", "example.com/v1", "Thing") is None
    assert kubernetes_validator("1.37", "apps/v1", "Thing") is None


@pytest.mark.parametrize("version", ["1.37", "v1.37", "1.37.2"])
def test_spellings_of_a_version(version):
    assert served(version) == served("1.37")


@pytest.mark.parametrize("version", ["1.99", "2.0", "", "1.37; rm", "../1.37"])
def test_a_version_without_schemas_is_refused(version):
    with pytest.raises(ValueError, match=r"no schemas ship for kubernetes .*1\.25 to 1\.37"):
        served(version)


def test_any_schema_serves():
    validator = Validator(
        {
            "type": "object",
            "required": ["title"],
            "additionalProperties": False,
            "properties": {
                "title": {"type": "string", "pattern": "^[A-Z]"},
                "each": {"enum": ["pod", "container"]},
                "only": {"anyOf": [{"type": "string"}, {"type": "array"}]},
                "max": {"type": "integer", "minimum": 1},
                "why": {"$ref": "#/$defs/why"},
            },
            "$defs": {"why": {"type": "object", "properties": {"clause": {}}}},
        }
    )
    data = {"titel": "a", "title": "a", "each": "pods", "only": 3, "max": 0, "clause": 1}
    assert {one.path: one.message for one in violations(validator, data)} == {
        ("titel",): 'unknown field "titel"; did you mean title?',
        ("title",): "title is a; expected a string that matches ^[A-Z]",
        ("each",): "each is pods; expected one of pod, container; did you mean pod?",
        ("only",): "only is 3; expected a string or a list",
        ("max",): "max is 0; expected at least 1",
        ("clause",): 'unknown field "clause"; it belongs in why',
    }


JUNK = st.sampled_from([None, True, 0, 1.5, -(10**30), "", "x", [], [None], {}, {"name": "y"}])


def _places(data, path=()):
    yield path
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for step, value in items:
        yield from _places(value, (*path, step))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_oracle_both_libraries_find_the_same_places(data):
    jsonschema = pytest.importorskip("jsonschema", reason="the oracle for our schemas")
    target = copy.deepcopy(DEPLOYMENT)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([p for p in _places(target) if p]))
        parent = target
        for step in path[:-1]:
            parent = parent[step]
        step = (
            data.draw(st.sampled_from([path[-1], "nmae"])) if isinstance(parent, dict) else path[-1]
        )
        parent[step] = copy.deepcopy(data.draw(JUNK))
    validator = kubernetes_validator("1.37", "apps/v1", "Deployment")
    oracle = jsonschema.Draft202012Validator(validator.document)
    expected = {
        (tuple(error.absolute_path), error.validator) for error in oracle.iter_errors(target)
    }
    own = {
        (tuple(error.instance_path), error.kind.name)
        for error in validator.compiled.iter_errors(target)
    }
    assert own == expected
    assert bool(list(violations(validator, target))) == bool(expected)


def test_the_data_hold_no_prose():
    text = json.encode(served("1.37").definitions).decode()
    assert '"description":"' not in text
    assert "More info" not in text
