"""Where a workflow takes long-lived credentials of a cloud from.

Source: the descriptions of the actions named, and GitHub documentation, "OpenID Connect".
"""

from __future__ import annotations

from msgspec import Struct

from kerp_policy.regex import regex


class Static(Struct, frozen=True):
    """The inputs of an action that take a long-lived credential, and what replaces it."""

    action: str
    inputs: tuple[str, ...]
    what: str
    instead: str


STATIC = (
    Static(
        "aws-actions/configure-aws-credentials",
        ("aws-access-key-id", "aws-secret-access-key"),
        "a long-lived AWS access key",
        "role-to-assume, with id-token: write",
    ),
    Static(
        "azure/login",
        ("creds",),
        "a long-lived Azure client secret",
        "client-id, tenant-id and subscription-id, with id-token: write",
    ),
    Static(
        "google-github-actions/auth",
        ("credentials_json",),
        "a long-lived Google service account key",
        "workload_identity_provider, with id-token: write",
    ),
    Static(
        "azure/k8s-set-context",
        ("kubeconfig",),
        "a long-lived kubeconfig",
        "the cloud's own login, with id-token: write",
    ),
)
SESSION = ("aws-session-token", "AWS_SESSION_TOKEN")
"""The input and the variable that only go with keys that are valid for some hours."""
KUBECONFIG = regex(r"secrets\.(?:\w+_)?kube_?config(?:_\w+)?")
VARIABLES = {
    "AWS_SECRET_ACCESS_KEY": "a long-lived AWS access key",
    "ARM_CLIENT_SECRET": "a long-lived Azure client secret",
    "AZURE_CLIENT_SECRET": "a long-lived Azure client secret",
    "GOOGLE_CREDENTIALS": "a long-lived Google service account key",
}
"""By variable, what a tool of a cloud takes from it."""
