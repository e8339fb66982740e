"""Make kerp_policy/data/kubernetes/: what each Kubernetes version serves, without prose.

It reads the installed package kubernetes-validate (the extra `schemas`) and writes one gzipped
JSON file a version: {"kinds": {apiVersion: {kind: name}}, "definitions": {name: JSON Schema}}.
The same input gives the same bytes. Run: python scripts/build_schemas.py
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

SOURCE = Path(str(files("kubernetes_validate"))) / "kubernetes-json-schema"
TARGET = Path(__file__).parents[1] / "kerp_policy" / "data" / "kubernetes"

INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"

# Both are written as "oneOf" with null in either branch, so null would fit twice and be refused.
MENDED = {
    INT_OR_STRING: {"type": ["string", "integer", "null"]},
    QUANTITY: {"type": ["string", "number", "null"]},
}
# The API server takes these as absent although the published schema requires them.
NOT_REQUIRED = {
    "io.k8s.api.networking.v1.NetworkPolicySpec": {"podSelector"},
    "io.k8s.api.core.v1.HTTPHeader": {"value"},
    "io.k8s.api.core.v1.Sysctl": {"value"},
    "io.k8s.api.core.v1.ISCSIVolumeSource": {"lun"},
    "io.k8s.api.core.v1.ISCSIPersistentVolumeSource": {"lun"},
    "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": {"status"},
    "io.k8s.api.storage.v1.CSIDriver": {"spec"},
}
# The published schemas name no values. These sets are closed in every version that ships (API
# reference), and the API server refuses anything else.
VALUES = {
    "core.v1.Container.imagePullPolicy": ["Always", "IfNotPresent", "Never"],
    "core.v1.ContainerPort.protocol": ["TCP", "UDP", "SCTP"],
    "core.v1.PodSpec.restartPolicy": ["Always", "OnFailure", "Never"],
    "core.v1.PodSpec.dnsPolicy": ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
    "core.v1.ServicePort.protocol": ["TCP", "UDP", "SCTP"],
    "core.v1.ServiceSpec.type": ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
    "core.v1.ServiceSpec.sessionAffinity": ["ClientIP", "None"],
    "core.v1.SeccompProfile.type": ["Localhost", "RuntimeDefault", "Unconfined"],
    "core.v1.TopologySpreadConstraint.whenUnsatisfiable": ["DoNotSchedule", "ScheduleAnyway"],
    "core.v1.HTTPGetAction.scheme": ["HTTP", "HTTPS"],
    "apps.v1.DeploymentStrategy.type": ["Recreate", "RollingUpdate"],
    "apps.v1.StatefulSetUpdateStrategy.type": ["OnDelete", "RollingUpdate"],
    "apps.v1.DaemonSetUpdateStrategy.type": ["OnDelete", "RollingUpdate"],
    "apps.v1.StatefulSetSpec.podManagementPolicy": ["OrderedReady", "Parallel"],
    "batch.v1.CronJobSpec.concurrencyPolicy": ["Allow", "Forbid", "Replace"],
    "networking.v1.HTTPIngressPath.pathType": ["Exact", "ImplementationSpecific", "Prefix"],
    "networking.v1.NetworkPolicyPort.protocol": ["TCP", "UDP", "SCTP"],
}
# Kubernetes reads null as absent. Where these are required, null is therefore refused, but a
# reference to a definition, which allows null for its optional uses, does not say so.
REQUIRED_MAPPINGS = {"spec", "template", "jobTemplate", "selector"}
KEPT = {"type", "enum", "required", "$ref", "additionalProperties", "items", "properties"}


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for folder in sorted(SOURCE.glob("v*-local-strict")):
        version = re.sub(r"v(\d+\.\d+)\..*", r"\1", folder.name)
        definitions = json.loads((folder / "_definitions.json").read_text("utf-8"))["$defs"]
        text = json.dumps(compact(definitions), separators=(",", ":"), sort_keys=True)
        data = gzip.compress(text.encode(), 9, mtime=0)
        (TARGET / f"{version}.json.gz").write_bytes(data)
        print(f"{version}: {len(text):,} characters, {len(data):,} bytes")


def compact(definitions: dict[str, Any]) -> dict[str, Any]:
    kinds = kinds_of(definitions)
    roots = {name for names in kinds.values() for name in names.values()}
    bare = {name: mended(name, stripped(schema)) for name, schema in definitions.items()}
    for name in roots:
        free_status(bare[name])
    return {"kinds": kinds, "definitions": {name: bare[name] for name in reachable(bare, roots)}}


def kinds_of(definitions: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What can be an object: definitions of one group, version and kind that have metadata.

    DeleteOptions and its like serve every group and are no objects.
    """
    kinds: dict[str, dict[str, str]] = {}
    for name, schema in definitions.items():
        served = schema.get("x-kubernetes-group-version-kind", [])
        if len(served) == 1 and {"kind", "metadata"} <= schema.get("properties", {}).keys():
            group, version, kind = (served[0][key] for key in ("group", "version", "kind"))
            kinds.setdefault(f"{group}/{version}" if group else version, {})[kind] = name
    return kinds


def stripped(schema: Any) -> Any:
    """A schema without descriptions, defaults, formats and Kubernetes' own keywords."""
    if not isinstance(schema, dict):
        return schema
    bare = {key: value for key, value in schema.items() if key in KEPT}
    if "properties" in bare:
        bare["properties"] = {key: stripped(part) for key, part in bare["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in bare:
            bare[key] = stripped(bare[key])
    return bare


def mended(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if name in MENDED:
        return MENDED[name]
    required = [key for key in schema.get("required", ()) if key not in NOT_REQUIRED.get(name, ())]
    schema = {key: value for key, value in schema.items() if key != "required"}
    for key, part in schema.get("properties", {}).items():
        if values := VALUES.get(f"{name.removeprefix('io.k8s.api.')}.{key}"):
            part["enum"] = [*values] if part["type"] == "string" else [*values, None]
    for key in REQUIRED_MAPPINGS.intersection(required):
        if "$ref" in schema["properties"][key]:
            schema["properties"][key]["type"] = "object"
    return {**schema, "required": required} if required else schema


def free_status(schema: dict[str, Any]) -> None:
    """Let any status be: the API server drops what a manifest says there."""
    if "status" in schema["properties"]:
        schema["properties"]["status"] = {}
        schema["required"] = [key for key in schema.get("required", ()) if key != "status"]


def reachable(definitions: dict[str, Any], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references(definitions[name])
    return found


def references(schema: Any) -> list[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        return [name for part in schema for name in references(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].removeprefix("#/$defs/")] if isinstance(schema.get("$ref"), str) else []
    return own + [name for part in schema.values() for name in references(part)]


if __name__ == "__main__":
    main()
