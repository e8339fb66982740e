"""The command line: each command with its options; what it does is in `kerp_policy.commands`."""

from kerp_policy import collector
from kerp_policy.cli import debt, judge, standard, team
from kerp_policy.cli.group import main, start

__all__ = ["collector", "debt", "judge", "main", "standard", "start", "team"]
