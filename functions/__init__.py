"""Code that AWS Lambda runs: one package per function, which imports nothing of the rest of the repository."""
