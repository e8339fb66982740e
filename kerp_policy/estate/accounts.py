"""ServiceAccounts, and whether they give pods a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract


class Account(Kept, frozen=True):
    """A ServiceAccount; `automount` is what it says of tokens in pods, None where it says nothing.

    Where nothing is said, the pods that name it have its token.
    """

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    name: str
    automount: Any
    automount_place: Place


def account_name(account: Account) -> str:
    """What pods name it by; one function for all, since an index is kept for it."""
    return account.name


def _account(view: View, thing: KubernetesObject) -> Iterator[Account]:
    path = ("automountServiceAccountToken",)
    yield Account(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        thing.name,
        thing.data.get(path[0]),
        thing.place(path),
    )


OF_KIND: dict[tuple[str, str], Extract] = {("", "ServiceAccount"): _account}
