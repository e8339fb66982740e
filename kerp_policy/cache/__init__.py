"""What a run leaves in the user's cache folder; the next comes to the same without it."""
