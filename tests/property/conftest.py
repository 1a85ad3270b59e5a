"""Hypothesis for this folder: the same examples in each run, so that a red test is the change's own; no deadlines."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("fastorder", max_examples=60, deadline=None, derandomize=True, database=None)
settings.load_profile("fastorder")
