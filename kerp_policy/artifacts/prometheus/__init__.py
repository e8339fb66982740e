"""Prometheus rules: files and PrometheusRule objects, and what their queries mean."""

from kerp_policy.artifacts.prometheus.model import Rule, RuleFile, is_rule_file, rule_file

__all__ = ["Rule", "RuleFile", "is_rule_file", "rule_file"]
