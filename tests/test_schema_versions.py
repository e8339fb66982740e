import pytest

from cli import kerp_policy, write
from kerp_policy.kubernetes.api_versions import (
    Status,
    _deprecations,
    api_version_status,
)
from kerp_policy.kubernetes.versions import kubernetes_validator, minor_of, served, versions


@pytest.mark.parametrize(
    ("version", "api_version", "kind", "status"),
    [
        ("1.37", "apps/v1", "Deployment", Status("served")),
        ("1.37", "example.com/v1", "Thing", Status("custom")),
        ("1.37", "gateway.networking.k8s.io/v1", "Gateway", Status("custom")),
        ("1.37", "v1", "List", Status("custom")),
        ("1.37", "v1", "Config", Status("custom")),
        ("1.37", "v1", "Template", Status("custom")),
        ("1.37", "skaffold/v4", "Config", Status("custom")),
        (
            "1.37",
            "policy/v1beta1",
            "PodDisruptionBudget",
            Status(
                "removed",
                "policy/v1beta1 PodDisruptionBudget is not served since Kubernetes 1.25; "
                "use policy/v1",
            ),
        ),
        (
            "v1.25.3",
            "autoscaling/v2beta2",
            "HorizontalPodAutoscaler",
            Status(
                "deprecated",
                "autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated since Kubernetes 1.23 "
                "and not served from 1.26 on; use autoscaling/v2",
            ),
        ),
        ("1.32", "v1", "Endpoints", Status("served")),
        (
            "1.33",
            "v1",
            "Endpoints",
            Status(
                "deprecated",
                "v1 Endpoints is deprecated since Kubernetes 1.33; "
                "use EndpointSlice of discovery.k8s.io/v1",
            ),
        ),
        (
            "1.37",
            "apps/v1",
            "Deploymentt",
            Status(
                "unknown",
                "Kubernetes 1.37 serves no Deploymentt in apps/v1; did you mean Deployment?",
            ),
        ),
        (
            "1.37",
            "v1",
            "Deployment",
            Status("unknown", "Kubernetes 1.37 serves no Deployment in v1; it is in apps/v1"),
        ),
        (
            "1.37",
            "apps/v1beta3",
            "Deployment",
            Status(
                "unknown", "Kubernetes 1.37 serves no Deployment in apps/v1beta3; it is in apps/v1"
            ),
        ),
        (
            "1.37",
            "app/v1",
            "Deployment",
            Status("unknown", "Kubernetes has no group app; Deployment is in apps/v1"),
        ),
        (
            "1.29",
            "networking.k8s.io/v1",
            "ServiceCIDR",
            Status(
                "unknown",
                "Kubernetes 1.29 serves no ServiceCIDR in networking.k8s.io/v1; "
                "it is in networking.k8s.io/v1alpha1",
            ),
        ),
        (
            "1.25",
            "admissionregistration.k8s.io/v1",
            "ValidatingAdmissionPolicy",
            Status(
                "unknown",
                "Kubernetes 1.25 serves no ValidatingAdmissionPolicy in "
                "admissionregistration.k8s.io/v1; 1.30 is the first to do so",
            ),
        ),
    ],
)
def test_status(version, api_version, kind, status):
    assert api_version_status(version, api_version, kind) == status


def test_the_migration_guide_and_the_schemas_agree():
    """What is said to be deprecated is still served, what is said to be removed no longer."""
    for (api_version, kind), row in _deprecations().items():
        for version in versions():
            if minor_of(row.deprecated) <= minor_of(version):
                is_removed = bool(row.removed) and minor_of(row.removed) <= minor_of(version)
                is_served = kind in served(version).kinds.get(api_version, ())
                assert is_served is not is_removed, (api_version, kind, version)


@pytest.mark.parametrize("version", versions())
def test_every_kind_of_every_version_compiles(version):
    for api_version, kinds in served(version).kinds.items():
        for kind in kinds:
            kubernetes_validator.__wrapped__(version, api_version, kind).compiled.is_valid({})


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1.31", "net.ipv4.tcp_rmem is safe from Kubernetes 1.32 on, and this is 1.31"),
        ("v1.32.4", "0 warnings"),
    ],
)
def test_a_sysctl_is_safe_from_a_version_on(tmp_path, version, told):
    pod = """\
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: "4096"}]}}
        """
    only = ("--profile", "thorough", "--select", "safe-sysctls", "--kubernetes-version", version)
    assert told in kerp_policy("check", *only, cwd=write(tmp_path, {"pod.yaml": pod})).out


@pytest.mark.parametrize("api_version", ["", "/", "v1/", "/v1", "a/b/c", "x" * 10**5])
@pytest.mark.parametrize("kind", ["", "Deployment", "y" * 10**5])
def test_odd_names_have_an_answer(api_version, kind):
    assert api_version_status("1.37", api_version, kind).state in ("custom", "unknown")
