"""`python -m kerp_policy`."""

from kerp_policy.cli import main

main()
