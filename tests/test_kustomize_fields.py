"""What replacements and transformers set is unverified in the base, as what patches set is."""

import pytest
from test_kustomize import CONTAINER, base, overlay, sets

from kerp_policy.artifacts.kustomize import load


def replacement(field, select="{kind: Deployment, name: kerp-api}"):
    target = f"{{select: {select}, fieldPaths: ['{field}']}}"
    return f"replacements: [{{source: {{kind: ConfigMap, name: x}}, targets: [{target}]}}]\n"


@pytest.mark.parametrize(
    ("field", "path", "expected"),
    [
        ("spec.replicas", "spec.replicas", True),
        (".spec.replicas", "spec.replicas", True),
        ("spec.replicas", "spec.minReadySeconds", False),
        ("spec.template.spec.containers.[name=api].image", f"{CONTAINER}.image", True),
        ("spec.template.spec.containers.[name=proxy].image", f"{CONTAINER}.image", False),
        ("spec.template.spec.containers.*.image", f"{CONTAINER}.image", True),
        ("spec.template.spec.containers.0.image", f"{CONTAINER}.image", True),
        (
            "spec.template.spec.containers.[name=api].ports.[containerPort=80].name",
            f"{CONTAINER}.ports[80].name",
            True,
        ),
        ("metadata.annotations.[a.io/b]", 'metadata.annotations["a.io/b"]', True),
        (r"metadata.annotations.a\.io/b", 'metadata.annotations["a.io/b"]', True),
    ],
)
def test_replacements(field, path, expected):
    assert sets(replacement(field), path) is expected


def test_a_replacement_is_for_what_it_selects():
    assert not sets(replacement("spec.replicas", "{kind: StatefulSet}"), "spec.replicas")
    assert sets(replacement("spec.replicas", "{group: apps}"), "spec.replicas")


def test_a_replacement_in_a_file():
    files = overlay("replacements: [{path: image.yaml}]\n")
    files["overlays/production/image.yaml"] = (
        "- source: {kind: ConfigMap, name: x}\n"
        "  targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]\n"
    )
    found = load(files).overlay_of("base/app.yaml", "Deployment.apps/-/kerp-api:spec.replicas")
    assert found == "overlays/production/kustomization.yaml"


LABELS = """\
transformers:
  - |-
    apiVersion: builtin
    kind: LabelTransformer
    metadata: {name: labels}
    labels: {app.kubernetes.io/part-of: kerp}
    fieldSpecs:
      - {path: metadata/labels, create: true}
      - {kind: StatefulSet, path: spec/template/metadata/labels, create: true}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ('metadata.labels["app.kubernetes.io/part-of"]', True),
        ("metadata.labels.app", False),
        ('spec.template.metadata.labels["app.kubernetes.io/part-of"]', False),
    ],
)
def test_a_transformer_of_labels(path, expected):
    assert sets(LABELS, path) is expected


def test_a_transformer_that_patches():
    text = (
        "transformers:\n  - |-\n    kind: PatchTransformer\n    target: {kind: Deployment}\n"
        "    patch: '[{op: add, path: /spec/replicas, value: 3}]'\n"
    )
    assert sets(text, "spec.replicas")
    assert not sets(text, "spec.minReadySeconds")


def test_a_namespace_is_set_in_the_subjects_of_bindings():
    name = "ClusterRoleBinding.rbac.authorization.k8s.io/-/kerp"
    assert sets("namespace: kerp-prod\n", "subjects[0]", name)
    assert not sets("namespace: kerp-prod\n", "roleRef.name", name)


@pytest.mark.parametrize(
    "text",
    [
        "replacements: 1\n",
        "replacements: [1, null, [a], {targets: [1, {fieldPaths: 3}]}, {path: none.yaml}]\n",
        "replacements: [{targets: [{select: 1, fieldPaths: ['', '[', '.', '[=']}]}]\n",
        'transformers: [1, none.yaml, "a\\nb: [", {kind: LabelTransformer, fieldSpecs: [1]}]\n',
        "transformers: [{kind: PatchTransformer}]\n",
    ],
)
def test_a_broken_one_is_no_crash(text):
    load(base(**{"overlays/production/kustomization.yaml": f"resources: [../../base]\n{text}"}))
