"""Joints inside Kubernetes: what fixtures cannot show, as sums, causes and hostile input."""

import copy
import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import write
from harness import FIXTURES
from kerp_policy.estate.demand import exactly, in_words
from kerp_policy.estate.joins import MOST, answer
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run, run_source
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree

STANDARD = load_profile("kerp")
POLICIES = FIXTURES / "policies"


def deployment(name="api", **spec):
    labels = {"app": "kerp", "component": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": name, "image": f"kerp/{name}:1.4.2"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "kerp-prod", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def with_pod(workload, **pod):
    workload["spec"]["template"]["spec"].update(pod)
    return workload


def quota(hard, **spec):
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota", "namespace": "kerp-prod"},
        "spec": {"hard": hard, **spec},
    }


def autoscaler(**spec):
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "api-hpa", "namespace": "kerp-prod"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
            "maxReplicas": 10,
            **spec,
        },
    }


def findings(*things, policy=None):
    source = Source("all.yaml", yaml.safe_dump_all(things).encode())
    result = run_source(source, STANDARD)
    assert result.crashes == []
    return [f for f in result.findings if policy in (None, f.policy)]


def messages(*things, policy):
    return [f.message for f in findings(*things, policy=policy)]


@pytest.mark.parametrize(
    ("spec", "pods"),
    [
        ({}, 2),  # one replica, and a quarter of it rounded up
        ({"replicas": 5}, 7),
        ({"replicas": 5, "strategy": {"type": "Recreate"}}, 5),
        ({"replicas": 5, "strategy": {"rollingUpdate": {"maxSurge": 1}}}, 6),
        ({"replicas": 5, "strategy": {"rollingUpdate": {"maxSurge": "100%"}}}, 10),
        ({"replicas": 0}, 0),
    ],
)
def test_at_full_scale_a_rollout_adds_its_surge(spec, pods):
    told = messages(deployment(**spec), quota({"pods": 0}), policy="quota-room")
    text = f"the workloads of kerp-prod may ask for {pods} pods at full scale"
    assert told == ([f"{text}; ResourceQuota quota allows 0"] if pods else [])


@pytest.mark.parametrize(
    ("pod", "asked"),
    [
        ({}, "6"),  # twice the containers together
        ({"initContainers": [{"name": "i", "resources": {"requests": {"cpu": 5}}}]}, "10"),
        ({"initContainers": [{"name": "i", "resources": {"requests": {"cpu": 1}}}]}, "6"),
        (
            {
                "initContainers": [
                    {
                        "name": "i",
                        "restartPolicy": "Always",
                        "resources": {"requests": {"cpu": "500m"}},
                    }
                ]
            },
            "7",
        ),
        ({"resources": {"requests": {"cpu": "3500m"}}}, "7"),  # the pod's own counts alone
    ],
)
def test_a_pod_asks_for_its_containers_together_or_for_the_largest_before_them(pod, asked):
    containers = [
        {"name": "a", "resources": {"requests": {"cpu": 1}}},
        {"name": "b", "resources": {"limits": {"cpu": 2}}},
    ]
    workload = with_pod(deployment(), containers=containers, **pod)
    told = messages(workload, quota({"requests.cpu": "1"}), policy="quota-room")
    text = f"the workloads of kerp-prod may ask for {asked} requests.cpu at full scale"
    assert told == [f"{text}; ResourceQuota quota allows 1"]


@pytest.mark.parametrize(
    ("scopes", "counts"),
    [
        (["BestEffort"], True),
        (["NotBestEffort"], False),
        (["NotTerminating"], True),
        (["Terminating"], False),
        (["BestEffort", "Terminating"], False),
    ],
)
def test_a_quota_counts_the_pods_of_its_scopes(scopes, counts):
    told = messages(deployment(), quota({"pods": 1}, scopes=scopes), policy="quota-room")
    assert bool(told) is counts


@given(st.integers(0, 2**62).map(exactly))
def test_an_amount_in_words_is_at_least_as_exact_as_its_digits(amount):
    for bound in ("requests.memory", "pods"):
        assert exactly(in_words(amount, bound)) == pytest.approx(amount, rel=1e-9)


@pytest.mark.parametrize(
    ("value", "billionths"),
    [(2, 2 * 10**9), ("250m", 250 * 10**6), ("1n", 1), ("0.1n", 1), ("1.1n", 2), ("-1.1n", -1)],
)
def test_amounts_are_exact_down_to_a_billionth(value, billionths):
    assert exactly(value) == billionths


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([True, False, None])), max_size=5))
def test_candidates_fail_only_together_and_only_if_one_is_meant(answers):
    said = [one for _, one in answers]
    if answer(answers) is False:
        assert set(said) == {False}
        assert any(sure for sure, _ in answers)
    assert (answer(answers) is True) == (True in said)


def test_of_very_many_that_may_be_meant_nobody_can_tell_which_is():
    def service(n):
        metadata = {"name": "api", "labels": {"n": str(n)}}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {}}

    backend = {"service": {"name": "api", "port": {"number": 80}}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "kerp"},
        "spec": {"defaultBackend": backend},
    }
    for count, verdict in ((MOST, "fail"), (MOST + 1, "unverified")):
        found = findings(ingress, *map(service, range(count)), policy="route-backends")
        assert [f.verdict for f in found] == [verdict]


def test_what_follows_from_missing_resources_is_told_there():
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    bound = quota({"requests.cpu": 20})
    found = findings(deployment(), autoscaler(metrics=[metric]), bound)
    policies = {f.policy for f in found}
    assert not policies & {"hpa-requests", "quota-resources"}
    [cause] = [f for f in found if f.policy == "resources"]
    told = {r.message: r.place.address for r in cause.related}
    assert told == {
        "so hpa-requests: Deployment api scales on cpu, of which container api requests none": (
            "HorizontalPodAutoscaler.autoscaling/kerp-prod/api-hpa:spec.metrics[0].resource.name"
        ),
        "so quota-resources: container api states no requests.cpu, which quota bounds, so "
        "kerp-prod refuses its pods": "ResourceQuota/kerp-prod/quota:spec.hard",
    }


def test_replicas_that_nothing_sets_follow_from_the_missing_autoscaler():
    workload = deployment()
    workload["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 8080}]
    found = findings(workload)
    assert "replicas" not in {f.policy for f in found}
    [cause] = [f for f in found if f.policy == "workload-autoscaler"]
    assert any(r.message.startswith("so replicas: spec.replicas is not set") for r in cause.related)


def test_a_selector_that_misses_a_standard_label_is_told_once():
    workload = deployment()
    workload["spec"]["template"]["metadata"]["labels"] = {"app": "kerp", "component": "web"}
    found = findings(workload)
    assert "workload-selector" not in {f.policy for f in found}
    assert any(f.policy == "workload-labels" for f in found)


@pytest.mark.parametrize("policy", ["service-target-port", "route-backends", "configuration-keys"])
@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_in_which_files_objects_of_a_namespace_lie_changes_no_verdict(
    tmp_path_factory, policy, seed
):
    case = POLICIES / policy / "flagged"
    documents = [d for f in sorted(case.rglob("*.yaml")) if f.name != "expected.yaml"
                 for d in yaml.load_all(f.read_text(), yaml.CSafeLoader)]  # fmt: skip
    chance = random.Random(seed)
    files = {}
    for document in chance.sample(documents, len(documents)):
        files.setdefault(f"{chance.choice('abc')}/{chance.choice('xy')}.yaml", []).append(document)
    root = tmp_path_factory.mktemp("estate")
    write(root, {name: yaml.safe_dump_all(things) for name, things in files.items()})
    result = run(WorkingTree(root), [root], STANDARD)
    told = sorted(f.message for f in result.findings if f.policy == policy)
    whole = sorted(f.message for f in findings(*documents, policy=policy))
    assert told == whole
    assert told


def every_object():
    for name in ("service-target-port", "route-backends", "monitor-ports", "hpa-requests",
                 "quota-room", "disruption-budget-room", "configuration-keys",
                 "declared-configuration", "network-policy-pods"):  # fmt: skip
        for file in sorted((POLICIES / name).rglob("*.yaml")):
            if file.name not in ("expected.yaml", ".kerp-policy.yaml"):
                yield from (
                    d for d in yaml.load_all(file.read_text(), yaml.CSafeLoader) if "kind" in d
                )


OBJECTS = list(every_object())
JUNK = st.sampled_from([None, True, -1, 0, 1.5, "", "x", "${X}", "5%", [], {}, [None], {"a": None}])


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield from paths(inner, (*path, key))


@settings(max_examples=150)
@given(st.data())
def test_no_joint_crashes_whatever_a_manifest_says(data):
    drawn = data.draw(st.lists(st.sampled_from(OBJECTS), min_size=2, max_size=6))
    things = [copy.deepcopy(thing) for thing in drawn]
    for thing in things:
        path = data.draw(st.sampled_from([p for p in paths(thing) if p]))
        inner = thing
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = copy.deepcopy(data.draw(JUNK))
    findings(*things)
