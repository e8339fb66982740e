"""The checklist before a deployment, filled in from the difference of two revisions."""
