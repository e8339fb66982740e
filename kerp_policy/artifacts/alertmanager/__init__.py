"""Configurations of Alertmanager: loading them as it does, with every fault at its place."""

from kerp_policy.artifacts.alertmanager.decode import Fault
from kerp_policy.artifacts.alertmanager.loader import Configuration, is_configuration, load
from kerp_policy.artifacts.alertmanager.table import parse_version

__all__ = ["Configuration", "Fault", "is_configuration", "load", "parse_version"]
