"""Kustomizations: patches are judged in what they set, and the base is unverified there."""

import pytest
from growth import grows_no_faster
from msgspec.structs import replace

from kerp_policy.artifacts.kustomize import load
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run
from kerp_policy.sources.tree import WorkingTree

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kerp-api
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: api
          image: kerp/api:latest
          env:
            - {name: MODE, value: x}
        - name: proxy
          image: proxy:latest
"""


def base(**more):
    return {
        "base/kustomization.yaml": "resources: [app.yaml]\n",
        "base/app.yaml": DEPLOYMENT,
        **more,
    }


def overlay(text):
    return base(**{"overlays/production/kustomization.yaml": f"resources: [../../base]\n{text}"})


def sets(text, path, name="Deployment.apps/-/kerp-api"):
    """Whether an overlay that says `text` sets the field at a path of the base's Deployment."""
    found = load(overlay(text)).overlay_of("base/app.yaml", f"{name}:{path}")
    assert found in (None, "overlays/production/kustomization.yaml")
    return found is not None


def inline(patch, target=""):
    body = "\n".join(f"      {line}" for line in patch.splitlines())
    return f"patches:\n  - {target}\n    patch: |-\n{body}\n" if target else (
        f"patches:\n  - patch: |-\n{body}\n"
    )  # fmt: skip


def merge(spec, name="kerp-api"):
    return inline(
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {spec}"
    )


CONTAINER = "spec.template.spec.containers[api]"


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("replicas: [{name: kerp-api, count: 3}]", "spec.replicas", True),
        ("replicas: [{name: kerp-web, count: 3}]", "spec.replicas", False),
        ("replicas: [{name: kerp-api, count: 3}]", "spec.strategy.type", False),
        ("images: [{name: kerp/api, newTag: 1.2.3}]", f"{CONTAINER}.image", True),
        ("images: [{name: x}]", "spec.template.spec.initContainers[a].image", True),
        ("images: [{name: x}]", f"{CONTAINER}.imagePullPolicy", False),
        ("namespace: kerp-prod", "metadata.namespace", True),
        ("commonLabels: {app: kerp}", "metadata.labels.app", True),
        ("commonLabels: {app: kerp}", "spec.selector.matchLabels.app", True),
        ("commonLabels: {app: kerp}", "spec.template.metadata.labels.app", True),
        ("commonLabels: {app: kerp}", "metadata.labels.component", False),
        ("labels: [{pairs: {app: kerp}}]", "metadata.labels.app", True),
        ("labels: [{pairs: {app: kerp}}]", "spec.template.metadata.labels.app", False),
        (
            "labels: [{pairs: {app: kerp}, includeTemplates: true}]",
            "spec.template.metadata.labels.app",
            True,
        ),
        (
            "labels: [{pairs: {app: kerp}, includeTemplates: true}]",
            "spec.selector.matchLabels.app",
            False,
        ),
        (
            'commonAnnotations: {prometheus.io/port: "80"}',
            'spec.template.metadata.annotations["prometheus.io/port"]',
            True,
        ),
    ],
)
def test_transformers(text, path, expected):
    assert sets(text, path) is expected


@pytest.mark.parametrize(
    ("spec", "path", "expected"),
    [
        ("{replicas: 3}", "spec.replicas", True),
        ("{replicas: 3}", "spec.strategy", False),
        # What is missing in the base may be what the patch adds below or above it.
        ("{strategy: {rollingUpdate: {maxSurge: 1}}}", "spec.strategy.rollingUpdate", True),
        ("{template: {spec: {securityContext: {}}}}", "spec.template.spec.securityContext.x", True),
        ("{template: {spec: {containers: [{name: api, image: x}]}}}", f"{CONTAINER}.image", True),
        (
            "{template: {spec: {containers: [{name: api, image: x}]}}}",
            "spec.template.spec.containers[proxy].image",
            False,
        ),
        # A container inherits from its pod, and a request from its limit.
        (
            "{template: {spec: {securityContext: {runAsUser: 1001}}}}",
            f"{CONTAINER}.securityContext.runAsUser",
            True,
        ),
        (
            "{template: {spec: {securityContext: {runAsUser: 1001}}}}",
            f"{CONTAINER}.securityContext.privileged",
            False,
        ),
        (
            "{template: {spec: {containers: [{name: api, resources: {limits: {cpu: 1}}}]}}}",
            f"{CONTAINER}.resources.requests.cpu",
            True,
        ),
        # A list of plain items is set as a whole.
        (
            "{template: {spec: {containers: [{name: api, args: [a]}]}}}",
            f"{CONTAINER}.args[3]",
            True,
        ),
        ("{template: {$patch: replace}}", "spec.template.spec.x", True),
    ],
)
def test_strategic_merge_patches(spec, path, expected):
    assert sets(merge(spec), path) is expected


def test_a_patch_is_for_the_object_that_it_names():
    assert not sets(merge("{replicas: 3}", name="kerp-web"), "spec.replicas")
    assert not sets(merge("{replicas: 3}", name="kerp.api"), "spec.replicas")
    assert not sets(merge("{replicas: 3}"), "spec.replicas", name="StatefulSet.apps/-/kerp-api")
    assert sets(merge("{replicas: 3}"), "spec.replicas", name="Deployment.apps/-/kerp-api~2")


def test_with_a_target_the_patchs_own_name_says_nothing():
    patch = "kind: Deployment\nmetadata: {name: any}\nspec: {replicas: 3}"
    assert sets(inline(patch, "target: {kind: Deployment}"), "spec.replicas")
    assert sets(inline(patch, "target: {name: kerp-.*}"), "spec.replicas")
    assert not sets(inline(patch, "target: {name: kerp}"), "spec.replicas")
    assert not sets(inline(patch, "target: {kind: Service}"), "spec.replicas")


def test_what_one_overlay_deletes_stands_as_it_is_in_the_others():
    patch = "kind: Deployment\nmetadata: {name: kerp-api}\n$patch: delete"
    assert not sets(inline(patch), "spec.replicas")
    delete = "{template: {spec: {containers: [{name: api, $patch: delete}]}}}"
    assert not sets(merge(delete), f"{CONTAINER}.image")


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("{op: replace, path: /spec/replicas, value: 3}", "spec.replicas", True),
        ("{op: remove, path: /spec/replicas}", "spec.replicas", True),
        ("{op: test, path: /spec/replicas, value: 1}", "spec.replicas", False),
        ("{op: add, path: /spec/template/spec/containers/0/image}", f"{CONTAINER}.image", True),
        ("{op: add, path: /spec/template/spec/containers/-}", f"{CONTAINER}.image", True),
        (
            "{op: add, path: /metadata/annotations/prometheus.io~1port}",
            'metadata.annotations["prometheus.io/port"]',
            True,
        ),
    ],
)
def test_json_patches(operation, path, expected):
    text = inline(f"- {operation}", "target: {kind: Deployment, name: kerp-api}")
    assert sets(text, path) is expected


def test_json_patches_of_the_old_field_and_of_a_file():
    files = overlay(
        "patchesJson6902: [{target: {kind: Deployment, name: kerp-api}, path: scale.yaml}]"
    )
    files["overlays/production/scale.yaml"] = "- {op: replace, path: /spec/replicas, value: 3}\n"
    found = load(files)
    target = {"kind": "Deployment", "name": "kerp-api"}
    assert found.patches == {
        "overlays/production/scale.yaml": ("overlays/production/kustomization.yaml", None, target)
    }
    assert found.overlay_of("base/app.yaml", "Deployment.apps/-/kerp-api:spec.replicas")


def test_a_components_patch_is_for_those_who_include_it():
    files = overlay("components: [../../components/scaled]")
    files["components/scaled/kustomization.yaml"] = (
        "kind: Component\nreplicas: [{name: kerp-api, count: 3}]\n"
    )
    found = load(files).overlay_of("base/app.yaml", "Deployment.apps/-/kerp-api:spec.replicas")
    assert found == "components/scaled/kustomization.yaml"


def test_kustomizations_in_a_circle_are_read_once():
    files = base(
        **{
            "base/kustomization.yaml": "resources: [app.yaml, ../other]\nnamespace: x\n",
            "other/kustomization.yml": "resources: [../base]\n",
            "self/Kustomization": "resources: [., ./]\ncomponents: [../self]\nnamespace: y\n",
        }
    )
    assert load(files).overlay_of("base/app.yaml", "Deployment.apps/-/kerp-api:metadata.namespace")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "resources: x",
        "resources: [{a: b}, null, 5]",
        "patches: [5, {path: 5}, {patch: 5}, {patch: '- 5'}, {patch: '['}]",
        "patchesStrategicMerge: [5, null, {a: b}]",
        "patches: [{patch: '- {path: 5}', target: [x]}]",
        "replicas: [5, {name: {a: b}}]",
        "labels: [5, {pairs: [a]}]",
        "commonLabels: [a]",
        "patches: [{patch: 'spec: {replicas: 1}', target: {name: '(', kind: '['}}]",
        "a: &a [*a]",
    ],
)
def test_a_broken_kustomization_is_no_crash(text):
    files = base(**{"overlay/kustomization.yaml": f"resources: [../base]\n{text}\n"})
    for document in (files, {"kustomization.yaml": text}):
        load(document).overlay_of("base/app.yaml", "Deployment.apps/-/kerp-api:spec.replicas")


@pytest.mark.parametrize("address", ["", ":", "x", "x:y", "a/b:c:d", "K/-/n:", "K/-/n:[", 'K:["'])
def test_any_address_is_looked_up(address):
    load(overlay("namespace: x")).overlay_of("base/app.yaml", address)


def test_a_targets_pattern_takes_linear_time():
    text = inline("spec: {replicas: 3}", "target: {name: (a+)+$}")

    def look(name):
        assert not sets(text, "spec.replicas", name=f"Deployment.apps/-/{name}!")

    assert grows_no_faster(lambda length: "a" * length, look, 1_000)


def test_a_patch_made_of_aliases_is_bounded():
    def bomb(levels):
        lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8]"]
        for i in range(1, levels):
            lines.append(f"a{i}: &a{i} {{{', '.join(f'k{j}: *a{i - 1}' for j in range(8))}}}")
        return overlay(inline("\n".join(lines)))

    assert grows_no_faster(bomb, load, 3, times=3)  # without a bound, 8 ** 6 times as long


def judge(folder, files, *policies):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    standard = load_profile("kerp")
    chosen = tuple(p for p in standard.policies if p.id in (*policies, "not-judged"))
    result = run(WorkingTree(folder), [folder], replace(standard, policies=chosen))
    assert result.crashes == []
    return [
        (f.file, f.place.span.line, f.policy, f.verdict.value, f.message) for f in result.findings
    ]


def test_what_an_overlay_sets_is_unverified_in_the_base(tmp_path):
    files = overlay("images: [{name: kerp/api, newTag: 1.2.3}]")
    findings = judge(tmp_path, files, "pinned-image")
    assert findings[0] == (
        "base/app.yaml",
        11,
        "pinned-image",
        "unverified",
        "the image kerp/api:latest has the tag latest; expected a version or a digest, unless "
        "overlays/production/kustomization.yaml sets it right, which changes this field",
    )


def test_an_image_is_not_set_under_the_name_of_another(tmp_path):
    """`images` looks for a name, so that the other containers keep what the base gives them."""
    files = overlay("images: [{name: kerp/api, newTag: 1.2.3}]")
    proxy = judge(tmp_path, files, "pinned-image")[1]
    assert proxy[1:4] == (15, "pinned-image", "fail")
    assert proxy[4] == "the image proxy:latest has the tag latest; expected a version or a digest"


@pytest.mark.parametrize(
    ("entry", "image", "is_set"),
    [
        ("name: registry.example.com:5000/api", "registry.example.com:5000/api:1", True),
        ("name: kerp/api", f"kerp/api@sha256:{'0' * 64}", True),
        ("name: kerp/api", f"kerp/api:1.4@sha256:{'0' * 64}", True),
        ("name: 'kerp/api:1.4'", "kerp/api:1.4", True),
        ("name: 'kerp/api:1.4'", "kerp/api:1.5", False),
        ("name: api", "kerp/api:1.4", False),
        ("name: kerp/.*", "kerp/api:1.4", True),  # kustomize takes the name for a pattern
        ("newTag: 1.2.3", "kerp/api:1.4", True),  # what the API would refuse decides nothing
        ("name: kerp/api", None, True),
    ],
)
def test_an_entry_of_images_sets_the_image_of_its_name(entry, image, is_set):
    address = f"Deployment.apps/-/kerp-api:{CONTAINER}.image"
    found = load(overlay(f"images: [{{{entry}}}]")).overlay_of("base/app.yaml", address, image)
    assert (found is not None) is is_set


def test_without_an_overlay_the_base_is_judged(tmp_path):
    findings = judge(tmp_path, base(), "pinned-image")
    assert {finding[1:4] for finding in findings} == {
        (11, "pinned-image", "fail"),
        (15, "pinned-image", "fail"),
    }


SECRET = "Zq8" + "vN2xT7"
NOT_WHOLE = (
    "overlays/production/api.yaml",
    1,
    "not-judged",
    "unverified",
    "the file is a patch that overlays/production/kustomization.yaml applies, so only what it sets "
    "is judged; judge what kustomize build prints",
)


def test_a_patch_is_not_judged_as_a_whole_object(tmp_path):
    files = overlay("patches: [{path: api.yaml}]")
    files["overlays/production/api.yaml"] = DEPLOYMENT
    judged = judge(tmp_path, files, "container-ports", "run-as-uid", "resources")
    assert [told for told in judged if told[0] == NOT_WHOLE[0]] == [NOT_WHOLE]


OPERATIONS = """\
- op: replace
  path: /spec/replicas
  value: 1
- op: add
  path: /spec/template/spec/containers/0/securityContext
  value: {runAsUser: 0, privileged: false}
- {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: DB_PASSWORD, value: %s}}
- {op: replace, path: /spec/template/spec/containers/1/image, value: "kerp/proxy:latest"}
- {op: remove, path: /spec/template/spec/hostNetwork}
- {op: add, path: /metadata/annotations/kerp.example.com~1owner, value: ops}
- {op: add, path: /spec/template/spec/containers/99999/image, value: "kerp/far:latest"}
- {op: add, path: /spec/replicas/of/nothing, value: 1}
- {op: add, path: no pointer, value: 1}
- {op: add}
"""
SET_BY_OPERATIONS = [
    (3, "patched-replicas", "fail"),
    (6, "run-as-uid", "fail"),
    (7, "env-secret", "fail"),
    (8, "pinned-image", "fail"),
]
JUDGED_OPERATIONS = ("patched-replicas", "run-as-uid", "env-secret", "pinned-image", "privileged")


def test_a_json_patch_of_an_unknown_kind_is_not_judged(tmp_path):
    files = overlay("patches: [{path: api.yaml, target: {kind: Deployment|StatefulSet}}]")
    files["overlays/production/api.yaml"] = OPERATIONS % SECRET
    (told,) = judge(tmp_path, files, "container-ports")
    assert "so it is not judged; judge what" in told[4]


def test_what_a_json_patch_sets_is_judged(tmp_path):
    files = overlay("patches: [{path: api.yaml, target: {kind: Deployment, name: kerp-api}}]")
    files["overlays/production/api.yaml"] = OPERATIONS % SECRET
    judged = judge(tmp_path, files, *JUDGED_OPERATIONS)
    assert places(judged, "overlays/production/api.yaml") == SET_BY_OPERATIONS


def test_a_patch_is_of_the_environment_that_its_kustomization_puts_it_into(tmp_path):
    text = "namespace: kerp-prod\npatches: [{path: api.yaml, target: {kind: Deployment}}]\n"
    files = base(**{"edge/kustomization.yaml": f"resources: [../base]\n{text}"})
    files["edge/api.yaml"] = "- {op: replace, path: /spec/replicas, value: 1}\n"
    judged = judge(tmp_path, files, "patched-replicas")
    assert places(judged, "edge/api.yaml") == [(1, "patched-replicas", "fail")]


def test_what_a_json_patch_in_a_kustomization_sets_is_judged_where_it_stands(tmp_path):
    indented = "".join(f"      {line}\n" for line in (OPERATIONS % SECRET).splitlines())
    files = overlay(f"patches:\n  - target: {{kind: Deployment}}\n    patch: |\n{indented}")
    judged = judge(tmp_path, files, *JUDGED_OPERATIONS)
    assert places(judged, "overlays/production/kustomization.yaml") == [
        (line + 4, policy, verdict) for line, policy, verdict in SET_BY_OPERATIONS
    ]


PATCH = """\
# What it sets decides, what it leaves out may stand in the base.
apiVersion: apps/v1
kind: Deployment
metadata: {name: kerp-api}
spec:
  template:
    spec:
      hostNetwork: true
      securityContext: {runAsUser: 0}
      containers:
        - name: api
          image: kerp/api:latest
          env:
            - {name: DB_PASSWORD, value: %s}
            - {name: TIMEOUT, value: "${TIMEOUT}"}
"""
JUDGED = ("host-namespaces", "run-as-uid", "run-as-non-root", "pinned-image", "env-secret")


def places(judged, file):
    return [told[1:4] for told in judged if told[0] == file and told[2] != "not-judged"]


def set_by_it(below=0):
    return [
        (below + 8, "host-namespaces", "fail"),
        (below + 9, "run-as-uid", "fail"),
        (below + 12, "pinned-image", "fail"),
        (below + 14, "env-secret", "fail"),
    ]


@pytest.mark.parametrize(
    "key", ["patches: [{path: api.yaml}]", "patchesStrategicMerge: [api.yaml]"]
)
def test_what_a_patch_sets_is_judged(tmp_path, key):
    files = overlay(f"{key}\n")
    files["overlays/production/api.yaml"] = PATCH % SECRET
    assert places(judge(tmp_path, files, *JUDGED), "overlays/production/api.yaml") == set_by_it()


@pytest.mark.parametrize(
    ("head", "depth"), [("patches:\n  - patch: |-\n", 6), ("patchesStrategicMerge:\n  - |\n", 4)]
)
def test_what_a_patch_in_a_kustomization_sets_is_judged_where_it_stands(tmp_path, head, depth):
    indented = "".join(f"{' ' * depth}{line}\n" for line in (PATCH % SECRET).splitlines())
    file, judged = "overlays/production/kustomization.yaml", overlay(f"{head}{indented}")
    found = places(judge(tmp_path, judged, *JUDGED), file)
    assert found == set_by_it(below=1 + head.count("\n"))


def test_what_is_set_after_a_patch_is_not_decided_in_it(tmp_path):
    files = overlay("patches: [{path: api.yaml}]\nimages: [{name: kerp/api, newTag: 1.4.2}]\n")
    files["overlays/production/api.yaml"] = PATCH % "set"
    above = "resources: [../production]\npatches: [{path: again.yaml}]\n"
    files["overlays/edge/kustomization.yaml"] = above
    files["overlays/edge/again.yaml"] = PATCH.replace("runAsUser: 0", "runAsUser: 1001") % "set"
    judged = judge(tmp_path, files, "run-as-uid", "pinned-image")
    assert places(judged, "overlays/production/api.yaml") == [
        (9, "run-as-uid", "unverified"),
        (12, "pinned-image", "unverified"),
    ]


def test_what_a_quoted_patch_sets_stands_where_the_text_does(tmp_path):
    text = "spec: {template: {spec: {hostNetwork: true}}}"
    patch = f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: kerp-api}}, {text}}}"
    files = overlay(f"patches:\n  - patch: '{patch}'\n")
    (found,) = judge(tmp_path, files, "host-namespaces")
    assert found[:4] == (
        "overlays/production/kustomization.yaml", 3, "host-namespaces", "fail",
    )  # fmt: skip
