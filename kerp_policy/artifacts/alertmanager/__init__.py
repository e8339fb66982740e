"""Configurations of Alertmanager: loading them as it does, with every fault at its place."""
