"""The Dockerfile reader: instructions, expansion, stages, images, users and ownership."""

from kerp_policy.artifacts.dockerfile.accounts import Account, Accounts
from kerp_policy.artifacts.dockerfile.expansion import Expanded
from kerp_policy.artifacts.dockerfile.history import follow_accounts
from kerp_policy.artifacts.dockerfile.images import ImageReference, image_references
from kerp_policy.artifacts.dockerfile.instructions import Dockerfile, Instruction
from kerp_policy.artifacts.dockerfile.ownership import Owned, ownership
from kerp_policy.artifacts.dockerfile.reader import is_template, read
from kerp_policy.artifacts.dockerfile.scripts import Script, scripts
from kerp_policy.artifacts.dockerfile.stages import Stage, StageGraph, stage_graph
from kerp_policy.artifacts.dockerfile.state import Setting, State
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.dockerfile.users import EffectiveUser, effective_user

__all__ = [
    "Account",
    "Accounts",
    "Dockerfile",
    "EffectiveUser",
    "Expanded",
    "ImageReference",
    "Instruction",
    "Owned",
    "Script",
    "Setting",
    "Stage",
    "StageGraph",
    "State",
    "Text",
    "effective_user",
    "follow_accounts",
    "image_references",
    "is_template",
    "ownership",
    "read",
    "scripts",
    "stage_graph",
]
