"""The Dockerfile reader: instructions, expansion, stages, users and ownership."""

from kerp_policy.artifacts.dockerfile.instructions import Dockerfile, Instruction
from kerp_policy.artifacts.dockerfile.reader import read

__all__ = ["Dockerfile", "Instruction", "read"]
