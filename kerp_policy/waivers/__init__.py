"""Waivers: somebody accepts a finding, for a reason and for a time."""
