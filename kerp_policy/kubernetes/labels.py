"""Labels and the selectors over them.

Source: "Labels and Selectors" in the Kubernetes documentation and `LabelSelector` in the API
reference. Answers are True, False, or None where a placeholder (`${ENV}`) stands in the value
that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerp_policy.secrets import is_placeholder

POD_NAME = "statefulset.kubernetes.io/pod-name"
GIVEN_TO_PODS = frozenset(
    {
        POD_NAME,
        "apps.kubernetes.io/pod-index",
        "controller-revision-hash",
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "job-name",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
    }
)
"""What controllers put on pods that their template does not have ("Well-Known Labels, Annotations
and Taints"; Argo Rollouts, traffic management): a pod may carry each of them."""


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, Any]) -> bool | None:
    """Whether a LabelSelector selects what carries these labels.

    Args:
        selector: `matchLabels` and `matchExpressions`, which must all hold. An empty one
            selects everything, none (null) nothing: so the API reference says of the type. A
            field may give absence a meaning of its own (an absent `namespaceSelector` is not
            "no namespace"); its caller handles that before asking.
        labels: what the object carries.

    Returns:
        None where placeholders, labels that a controller gives, or an operator that Kubernetes
        does not know, decide.
    """
    if selector is None:
        return False
    answers = [_is(labels, key, value) for key, value in _pairs(selector)]
    return _all([*answers, *_expressions(selector, labels)])


def _pairs(selector: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    pairs = selector.get("matchLabels")
    return pairs.items() if isinstance(pairs, Mapping) else ()


def _is(labels: Mapping[str, Any], key: str, value: Any) -> bool | None:
    if key in labels and labels[key] == value:  # as mostly, where somebody asks
        return True
    return _holds("In", labels, key, (value,))


def _expressions(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> list[bool | None]:
    expressions = selector.get("matchExpressions")
    listed = expressions if isinstance(expressions, list) else []
    return [_expression(one, labels) for one in listed if isinstance(one, Mapping)]


def _expression(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool | None:
    values = expression.get("values")
    return _holds(
        str(expression.get("operator")),
        labels,
        str(expression.get("key")),
        tuple(values) if isinstance(values, list) else (),
    )


def _holds(
    operator: str, labels: Mapping[str, Any], key: str, values: tuple[Any, ...]
) -> bool | None:
    if operator == "Exists":
        return _has(labels, key)
    if operator == "DoesNotExist":
        return _not(_has(labels, key))
    if operator not in ("In", "NotIn"):
        return None
    among = _among(labels[key], values) if key in labels else _has(labels, key)
    return among if operator == "In" else _not(among)


def _has(labels: Mapping[str, Any], key: str) -> bool | None:
    if key in labels:
        return True
    given = key in GIVEN_TO_PODS or _is_unknown(key)
    unknown = given or any(_is_unknown(other) for other in labels)
    return None if unknown else False


def _among(value: Any, values: tuple[Any, ...]) -> bool | None:
    if value in values:  # the same placeholder on both sides becomes the same text
        return True
    return None if _is_unknown(value) or any(map(_is_unknown, values)) else False


def _is_unknown(value: Any) -> bool:
    return isinstance(value, str) and is_placeholder(value)


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _all(answers: Iterable[bool | None]) -> bool | None:
    """All hold: one that surely does not outweighs any that is unknown."""
    known = list(answers)
    if False in known:
        return False
    return None if None in known else True
