"""What rules of roles allow, as the authorizer of the API server reads them."""

import pytest

from kerp_policy.kubernetes.rbac import allows, is_built_in, taken_in_by


def rule(verbs, groups, resources, names=()):
    return {"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names}


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (rule(["get"], [""], ["secrets"]), True),
        (rule(["*"], ["*"], ["*"]), True),
        (rule(["create"], [""], ["secrets"]), False),
        (rule(["get"], ["vault.example.com"], ["secrets"]), False),
        (rule(["get"], [], ["secrets"]), False),
        (rule(["get"], [""], ["secrets/status", "secrets/*"]), False),
        (rule(["get"], [""], ["secrets"], ["kerp-tls"]), False),
        (rule(["get"], [""], ["secrets"], ["*"]), False),  # a name, and no wildcard
        (rule(["get"], [""], ["${RESOURCE}"]), None),
        (rule(["${VERB}"], ["apps"], ["secrets"]), False),
    ],
)
def test_a_rule_allows_what_its_verbs_groups_and_resources_name(given, allowed):
    assert allows(given, ["get", "list"], {"core": ["secrets"]}) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [("pods/exec", True), ("*/exec", True), ("*", True), ("pods", False), ("pods/*", False)],
)
def test_a_subresource_is_named_with_what_it_belongs_to(resource, allowed):
    assert (
        allows(rule(["create"], [""], [resource]), ["create"], {"core": ["pods/exec"]}) is allowed
    )


def test_some_names_matter_although_they_are_named():
    given = rule(["bind"], ["rbac.authorization.k8s.io"], ["clusterroles"], ["cluster-admin"])
    asked = {"rbac.authorization.k8s.io": ["clusterroles"]}
    assert allows(given, ["bind"], asked, ["cluster-admin"]) is True
    assert allows(given, ["bind"], asked, ["edit"]) is False


def test_what_every_cluster_has():
    assert is_built_in("ClusterRole", "view")
    assert is_built_in("ClusterRole", "system:auth-delegator")
    assert not is_built_in("Role", "view")
    assert not is_built_in("ServiceAccount", "system:x")


def test_who_takes_in_a_labelled_role():
    label = "rbac.authorization.k8s.io/aggregate-to-"
    assert taken_in_by({f"{label}view": "true"}) == ["admin", "edit", "view"]
    assert taken_in_by({f"{label}edit": "false", "app": "true"}) == []
