"""Many repositories held to the standard in one run, on one machine or on several."""
