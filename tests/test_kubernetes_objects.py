"""Objects and pods: addresses, lists, and what is in effect for a container."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import objects
from kerp_policy.artifacts.pods import pod_of
from kerp_policy.artifacts.yaml import read
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source
from kerp_policy.views import lookup


def things(text):
    return objects(read(text).documents, text.split("\n"))


def addresses(text):
    return [thing.address for thing in things(text)]


def pod(text):
    return pod_of(things(text)[0])


def container(text, name="app"):
    return next(one for one in pod(text).containers if one.name == name)


def place(text, path):
    at = things(text)[0].place(path)
    return at.span.start, at.address


OBJECT = "apiVersion: {}\nkind: {}\nmetadata: {}\n"


@pytest.mark.parametrize(
    ("version", "kind", "metadata", "address"),
    [
        ("v1", "Service", "{name: api, namespace: prod}", "Service/prod/api"),
        ("apps/v1", "Deployment", "{name: api}", "Deployment.apps/-/api"),
        ("networking.k8s.io/v1", "Ingress", "{name: a}", "Ingress.networking.k8s.io/-/a"),
        ("v1", "Pod", "{generateName: run-}", "Pod/-/run-*"),
        ("v1", "Pod", "{generateName: run-, name: x}", "Pod/-/x"),
        ("v1", "Pod", "{}", "Pod/-/-"),
        ("v1", "Pod", "", "Pod/-/-"),
        ("v1", "Pod", "[a]", "Pod/-/-"),
        ("serving.knative.dev/v1", "Service", "{name: a}", "Service.serving.knative.dev/-/a"),
    ],
)
def test_the_address_of_an_object(version, kind, metadata, address):
    assert addresses(OBJECT.format(version, kind, metadata)) == [address]


def test_a_second_object_of_the_same_name_is_told_apart():
    one = OBJECT.format("v1", "Service", "{name: api, namespace: prod}")
    other = OBJECT.format("v1", "Service", "{name: api}")
    assert addresses("---\n".join([one, other, one, one])) == [
        "Service/prod/api",
        "Service/-/api",
        "Service/prod/api~2",
        "Service/prod/api~3",
    ]


LIST = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: api}
    spec:
      type: NodePort
  - apiVersion: v1
    kind: ServiceList
    items: [{apiVersion: v1, kind: Service, metadata: {name: web}}]
  - not an object
  - {kind: Service}
"""


def test_the_items_of_lists_are_objects_with_addresses_of_their_own():
    assert addresses(LIST) == ["Service/-/api", "Service/-/web"]
    assert place(LIST, ("spec", "type")) == ((8, 7), "Service/-/api:spec.type")


def test_the_items_of_a_typed_list_need_not_say_what_they_are():
    listed = "apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}, {spec: {}}]\n"
    assert [(o.api_version, o.kind, o.name) for o in things(listed)] == [("v1", "Pod", "a")]
    half = "apiVersion: v1\nkind: PodList\nitems: [{kind: Pod, metadata: {name: a}}]\n"
    assert things(half) == []


@pytest.mark.parametrize("items", ["", "[]", "{}", "5"])
def test_a_list_without_items_is_no_object(items):
    assert things(f"apiVersion: v1\nkind: List\nitems: {items}\n") == []


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  annotations:
    example.com/a.b: x
spec:
  template:
    spec:
      containers:
        - name: app
          env: [{name: MODE, value: fast}]
          ports:
            - containerPort: 8080
          args: [serve]
          volumeMounts: [{name: tmp, mountPath: /tmp}]
        - image: nameless
"""
CONTAINERS = ("spec", "template", "spec", "containers")


@pytest.mark.parametrize(
    ("path", "line_and_column", "address"),
    [
        ((), (1, 1), ""),
        (("metadata", "annotations", "example.com/a.b"), (6, 5),
         ':metadata.annotations["example.com/a.b"]'),
        ((*CONTAINERS, 0, "env", 0, "value"), (12, 30),
         ":spec.template.spec.containers[app].env[MODE].value"),
        ((*CONTAINERS, 0, "ports", 0, "protocol"), (14, 15),
         ":spec.template.spec.containers[app].ports[8080].protocol"),
        ((*CONTAINERS, 0, "args", 0), (15, 18), ":spec.template.spec.containers[app].args[0]"),
        ((*CONTAINERS, 0, "volumeMounts", 0), (16, 26),
         ":spec.template.spec.containers[app].volumeMounts[/tmp]"),
        ((*CONTAINERS, 1, "image"), (17, 11), ":spec.template.spec.containers[1].image"),
        # What is missing is told at the nearest parent that exists.
        (("spec", "replicas"), (7, 1), ":spec.replicas"),
        ((*CONTAINERS, 0, "securityContext", "runAsUser"), (11, 11),
         ":spec.template.spec.containers[app].securityContext.runAsUser"),
        (("status", "x", 3), (1, 1), ":status.x[3]"),
    ],
)  # fmt: skip
def test_places_and_addresses_of_fields(path, line_and_column, address):
    assert place(DEPLOYMENT, path) == (line_and_column, f"Deployment.apps/-/api{address}")


def test_the_ports_of_a_service_are_named_by_their_number():
    text = OBJECT.format("v1", "Service", "{name: a}") + "spec: {ports: [{port: 80}]}\n"
    assert place(text, ("spec", "ports", 0))[1] == "Service/-/a:spec.ports[80]"


def test_a_json_manifest_has_places_too():
    text = json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": True}}, indent=2)
    assert place(text, ("spec", "hostPID")) == ((5, 5), "Pod/-/-:spec.hostPID")


def test_words_that_kubernetes_reads_as_booleans_are_read_so():
    text = OBJECT.format("v1", "Pod", "{name: a}") + "spec: {a: yes, b: off, c: 'yes', d: 010}\n"
    assert things(text)[0].data["spec"] == {"a": True, "b": False, "c": "yes", "d": 8}


def rendered(text):
    return [thing.source for thing in things(text)]


def test_helms_comments_name_the_template():
    pod_text = OBJECT.format("v1", "Pod", "{name: a}")
    text = f"---\n# Source: erp/templates/a.yaml\n# more\n\n{pod_text}---\n{pod_text}"
    text += f"---\n  # Source: indented\n{pod_text}---\n{pod_text}# Source: after\n"
    assert rendered(text) == ["erp/templates/a.yaml", None, None, None]


TEMPLATES = {
    ("v1", "Pod"): "spec: %s",
    ("v1", "ReplicationController"): "spec: {template: {spec: %s}}",
    ("v1", "PodTemplate"): "template: {spec: %s}",
    ("apps/v1", "Deployment"): "spec: {template: {spec: %s}}",
    ("apps/v1", "StatefulSet"): "spec: {template: {spec: %s}}",
    ("apps/v1", "DaemonSet"): "spec: {template: {spec: %s}}",
    ("apps/v1", "ReplicaSet"): "spec: {template: {spec: %s}}",
    ("batch/v1", "Job"): "spec: {template: {spec: %s}}",
    ("batch/v1", "CronJob"): "spec: {jobTemplate: {spec: {template: {spec: %s}}}}",
    ("argoproj.io/v1alpha1", "Rollout"): "spec: {template: {spec: %s}}",
}
RUNS_ONCE = {"Job", "CronJob", "PodTemplate"}


@pytest.mark.parametrize(("version", "kind"), TEMPLATES)
def test_every_kind_keeps_its_pods_somewhere(version, kind):
    spec = (
        "{containers: [{name: app}], initContainers: [{name: i}, {name: s, restartPolicy: Always}]}"
    )
    text = OBJECT.format(version, kind, "{name: a}") + TEMPLATES[version, kind] % spec
    found = [(one.name, one.role, one.long_running) for one in pod(text).containers]
    runs = kind not in RUNS_ONCE
    assert found == [("i", "init", False), ("s", "sidecar", runs), ("app", "container", runs)]


@pytest.mark.parametrize(
    ("version", "kind"), [("serving.knative.dev/v1", "Service"), ("example.com/v1", "Deployment")]
)
def test_kinds_of_other_groups_make_no_pods_that_are_known(version, kind):
    text = OBJECT.format(version, kind, "{}") + "spec: {template: {spec: {containers: [{}]}}}"
    assert pod(text) is None


@pytest.mark.parametrize(("policy", "runs"), [("Always", True), ("Never", False), (None, True)])
def test_a_bare_pod_runs_once_if_it_is_not_restarted(policy, runs):
    restart = f"restartPolicy: {policy}, " if policy else ""
    text = OBJECT.format("v1", "Pod", "{}") + f"spec: {{{restart}containers: [{{name: app}}]}}"
    assert container(text).long_running is runs


POD = (
    OBJECT.format("v1", "Pod", "{{name: a}}")
    + "spec:\n  {}\n  containers:\n  - name: app\n    {}\n"
)


def effective(in_pod, in_container, path):
    """The value in effect, and the line where it is written (6 the pod's, 9 the container's)."""
    text = POD.format(in_pod, in_container)
    one = container(text)
    line = things(text)[0].place(one.path(path)).span.line
    return lookup(one.data, path), {5: "pod", 8: "container", 7: "container"}[line]


@pytest.mark.parametrize(
    ("in_pod", "in_container", "field", "expected"),
    [
        ("{runAsUser: 1}", "{}", "runAsUser", (1, "pod")),
        ("{runAsUser: 1}", "{runAsUser: 2}", "runAsUser", (2, "container")),
        ("{runAsUser: 1}", "{runAsUser: 0}", "runAsUser", (0, "container")),
        ("{runAsUser: 1}", "{runAsUser: }", "runAsUser", (1, "pod")),
        ("{runAsNonRoot: true}", "{runAsNonRoot: false}", "runAsNonRoot", (False, "container")),
        ("{seccompProfile: {type: A}}", "", "seccompProfile", ({"type": "A"}, "pod")),
        # Only a container has these.
        ("{readOnlyRootFilesystem: true}", "{}", "readOnlyRootFilesystem", (None, "container")),
        ("{allowPrivilegeEscalation: false}", "", "allowPrivilegeEscalation", (None, "container")),
        ("5", "[x]", "runAsUser", (None, "container")),
    ],
)
def test_a_container_inherits_security_settings(in_pod, in_container, field, expected):
    pods, own = f"securityContext: {in_pod}", f"securityContext: {in_container}"
    assert effective(pods, own, ("securityContext", field)) == expected


@pytest.mark.parametrize(
    ("in_pod", "in_container", "path", "expected"),
    [
        ("{limits: {cpu: 1}}", "{}", ("limits", "cpu"), (1, "pod")),
        ("{limits: {cpu: 1}}", "{}", ("requests", "cpu"), (1, "pod")),
        ("{limits: {cpu: 1}}", "{limits: {cpu: 2}}", ("limits", "cpu"), (2, "container")),
        ("{requests: {cpu: 1}}", "{limits: {cpu: 2}}", ("requests", "cpu"), (2, "container")),
        ("{}", "{limits: {cpu: 2}}", ("requests", "cpu"), (2, "container")),
        ("{}", "{limits: {cpu: 2}, requests: {cpu: 1}}", ("requests", "cpu"), (1, "container")),
        ("{}", "{requests: {cpu: 1}}", ("limits", "cpu"), (None, "container")),
        ("{requests: {cpu: 1}}", "{requests: {memory: 2}}", ("requests", "cpu"), (1, "pod")),
        ("{limits: {cpu: 1}}", "{limits: {cpu: }}", ("limits", "cpu"), (1, "pod")),
        ("[x]", "{requests: [y], limits: 5}", ("limits", "cpu"), (None, "container")),
    ],
)
def test_resources_of_limit_container_and_pod(in_pod, in_container, path, expected):
    pods, own = f"resources: {in_pod}", f"resources: {in_container}"
    assert effective(pods, own, ("resources", *path)) == expected


def test_what_is_in_effect_leaves_the_manifest_as_it_is():
    text = POD.format("securityContext: {runAsUser: 1}", "resources: {limits: {cpu: 1}}")
    thing = things(text)[0]
    before = json.dumps(thing.data)
    assert pod_of(thing).containers[0].data["resources"]["requests"] == {"cpu": 1}
    assert json.dumps(thing.data) == before


@pytest.mark.parametrize(
    ("containers", "main"),
    [
        ("[{name: x}]", ["x"]),
        ("[{name: x}, {name: api}]", ["api"]),
        ("[{name: x}, {name: y}]", []),
    ],
)
def test_the_main_container_is_the_only_one_or_named_like_the_component(containers, main):
    text = OBJECT.format("v1", "Pod", "{labels: {component: api}}")
    sidecar = "{name: api, restartPolicy: Always}"
    text += f"spec: {{initContainers: [{sidecar}], containers: {containers}}}"
    assert [one.name for one in pod(text).containers if one.is_main] == main


MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: kerp-prod, labels: {app: kerp}}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector:
    matchLabels: {app: kerp}
    matchExpressions: [{key: component, operator: In, values: [api]}]
  template:
    metadata:
      labels: {app: kerp, component: api}
      annotations: {prometheus.io/port: "8080"}
    spec:
      os: {name: linux}
      securityContext: {runAsUser: 1001}
      resources: {limits: {cpu: 1}}
      volumes: [{name: tmp, emptyDir: {}}]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              namespaces: [a]
              namespaceSelector: {matchLabels: {a: b}}
              mismatchLabelKeys: [app]
              labelSelector: {matchExpressions: [{key: app, operator: In, values: [kerp]}]}
      topologySpreadConstraints:
        - topologyKey: topology.kubernetes.io/zone
          labelSelector: {matchLabels: {app: kerp}}
      containers:
        - name: api
          image: kerp/api:1.2
          ports: [{name: http, containerPort: 8080, protocol: TCP}]
          resources: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: 1}}
          securityContext: {capabilities: {drop: [ALL]}}
          livenessProbe: {httpGet: {path: /a, port: http, httpHeaders: [{name: a}]}}
          readinessProbe: {exec: {command: [a]}, grpc: {port: 1}}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: kerp-prod}
spec:
  minReplicas: 3
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 70}}}]
  behavior: {scaleUp: {stabilizationWindowSeconds: 60}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup, labels: {app: x}}
spec:
  schedule: 0 2 * * *
  timeZone: Asia/Seoul
  concurrencyPolicy: Forbid
  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{}]}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: kerp-prod}
spec: {hard: {pods: 5, limits.cpu: 5}}
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: ClusterIP, ports: [{name: x, port: 80}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: kerp-prod, labels: {}}
"""
MODULES = ["workloads", "images", "resources", "probes", "volumes", "spread", "objects",
           "autoscaling", "network", "jobs", "quotas", "security"]  # fmt: skip
STRANGE = [None, "", "x", 5, -1, 1e300, True, [], {}, [[]], [{}], [None], {"": {}}, {"a": [1]},
           "9" * 5000, "²%", "${X}", {"name": {"a": 1}}, [{"name": [1], "key": {}}]]  # fmt: skip


def paths(data, path=()):
    yield path
    listed = enumerate(data) if isinstance(data, list) else ()
    for key, part in data.items() if isinstance(data, dict) else listed:
        yield from paths(part, (*path, key))


def with_value(data, path, value):
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = with_value(data[path[0]], path[1:], value)
    return copy


def judged(data):
    standard = load_profile("kerp")
    chosen = (p for p in standard.policies if p.check.partition(".")[0] in MODULES or p.require)
    context = Context(replace(standard, policies=tuple(chosen)))
    source = Source("k8s/production/app.json", json.dumps(data).encode())
    return check_file(source, context)


SPOTS = [(one.data, path) for one in things(MANIFESTS) for path in paths(one.data) if path]


@settings(max_examples=400)
@given(st.sampled_from(SPOTS), st.sampled_from(STRANGE))
def test_no_strange_value_crashes_a_check(spot, value):
    data, path = spot
    assert judged(with_value(data, path, value)).crashes == []


def test_the_manifests_that_are_broken_in_places_are_judged_at_all():
    results = [judged(thing.data) for thing in things(MANIFESTS)]
    counted = [entry for one in results for entry in one.counts.items()]
    spoken_for = {id for id, counts in counted if counts.get("judged")}
    assert spoken_for >= {"max-unavailable", "pod-anti-affinity", "probe-port", "hpa-bounds"}
    assert spoken_for >= {"cron-schedule", "quota-values", "service-type", "namespace-labels"}
