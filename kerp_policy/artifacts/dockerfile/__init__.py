"""The Dockerfile reader: instructions, expansion, stages, images, users and ownership."""

from kerp_policy.artifacts.dockerfile.expansion import Expanded
from kerp_policy.artifacts.dockerfile.images import ImageReference, image_references
from kerp_policy.artifacts.dockerfile.instructions import Dockerfile, Instruction
from kerp_policy.artifacts.dockerfile.reader import read
from kerp_policy.artifacts.dockerfile.scripts import Script, scripts
from kerp_policy.artifacts.dockerfile.stages import Stage, StageGraph, stage_graph
from kerp_policy.artifacts.dockerfile.state import Setting, State
from kerp_policy.artifacts.dockerfile.text import Text

__all__ = [
    "Dockerfile",
    "Expanded",
    "ImageReference",
    "Instruction",
    "Script",
    "Setting",
    "Stage",
    "StageGraph",
    "State",
    "Text",
    "image_references",
    "read",
    "scripts",
    "stage_graph",
]
