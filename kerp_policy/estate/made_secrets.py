"""The Secrets that other objects make in the cluster, with their keys as far as these tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.estate.objects import Declared, Extract, declared
from kerp_policy.paths import Path
from kerp_policy.views import View, lookup


def _external_secret(view: View, thing: KubernetesObject) -> Iterator[Declared]:
    """`target.name`, by default its own, with a key for each of `data` (External Secrets API).

    What `dataFrom` and `templateFrom` bring is not known, and a template's own data replaces
    everything unless it is merged.
    """
    spec = as_dict(thing.data.get("spec"))
    target = as_dict(spec.get("target"))
    template = as_dict(target.get("template"))
    named = str(target.get("name") or thing.name)
    keys = _named(as_list(spec.get("data")), "secretKey")
    if template.get("data"):
        merged = template.get("mergePolicy") == "Merge"
        keys = frozenset(as_dict(template["data"])) | (keys if merged else frozenset())
    unknown = spec.get("dataFrom") or template.get("templateFrom")
    if target.get("creationPolicy") == "Merge":
        unknown = True
    yield _made(view, thing, named, None if unknown else keys)


def _named(entries: list[Any], key: str) -> frozenset[str]:
    return frozenset(str(entry[key]) for entry in map(as_dict, entries) if entry.get(key))


def _sealed_secret(view: View, thing: KubernetesObject) -> Iterator[Declared]:
    """`template.metadata.name`, by default its own, with the keys of the encrypted data."""
    spec = as_dict(thing.data.get("spec"))
    named = lookup(spec, ("template", "metadata", "name"), thing.name)
    parts = (spec.get("encryptedData"), lookup(spec, ("template", "data")))
    yield _made(view, thing, str(named), frozenset(key for part in parts for key in as_dict(part)))


def _provider_class(view: View, thing: KubernetesObject) -> Iterator[Declared]:
    """The Secrets that the Secrets Store CSI driver keeps in step (its documentation)."""
    for entry in map(as_dict, as_list(lookup(thing.data, ("spec", "secretObjects")))):
        keys = _named(as_list(entry.get("data")), "key")
        yield _made(view, thing, str(entry.get("secretName") or ""), keys)


def _makes(path: Path) -> Extract:
    """An object that makes a Secret whose name stands at a path, else is its own."""

    def extract(view: View, thing: KubernetesObject) -> Iterator[Declared]:
        yield _made(view, thing, str(lookup(thing.data, path, thing.name)), None)

    return extract


def _made(view: View, thing: KubernetesObject, name: str, keys: frozenset[str] | None) -> Declared:
    own = declared(view, thing)
    return replace(own, group="", kind="Secret", name=name, keys=keys, made_by=thing.kind)


_DESTINATION = _makes(("spec", "destination", "name"))
OF_KIND: dict[tuple[str, str], Extract] = {
    ("external-secrets.io", "ExternalSecret"): _external_secret,
    ("bitnami.com", "SealedSecret"): _sealed_secret,
    ("cert-manager.io", "Certificate"): _makes(("spec", "secretName")),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass"): _provider_class,
    ("secrets.hashicorp.com", "VaultStaticSecret"): _DESTINATION,
    ("secrets.hashicorp.com", "VaultDynamicSecret"): _DESTINATION,
    ("secrets.hashicorp.com", "VaultPKISecret"): _DESTINATION,
    ("onepassword.com", "OnePasswordItem"): _makes(("metadata", "name")),
}
"""What makes Secrets, by API group and kind."""
