"""The baseline: findings that were there when the standard came, accepted until they are mended."""
