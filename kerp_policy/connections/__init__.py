"""Connections that settings, arguments and scripts name: are they encrypted?"""

from kerp_policy.connections.judge import judge_settings, judge_text, judge_urls
from kerp_policy.connections.model import Judgement, Level
from kerp_policy.connections.schemes import LIBPQ_MODE

__all__ = ["LIBPQ_MODE", "Judgement", "Level", "judge_settings", "judge_text", "judge_urls"]
