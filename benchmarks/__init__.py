"""How fast the program is, beside the tools that judge the same files: `python -m benchmarks`."""
