"""GitHub workflows and composite actions: jobs and steps with what is in effect for them."""

from kerp_policy.artifacts.workflow.expressions import Expression, Node, find_expressions
from kerp_policy.artifacts.workflow.model import Job, Workflow
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.scripts import Script
from kerp_policy.artifacts.workflow.steps import Step

__all__ = [
    "Expression",
    "Job",
    "Node",
    "Script",
    "Step",
    "Workflow",
    "address",
    "find_expressions",
]
