"""What the official AWS provider does with each type, read from its source: one file of facts per service in `data`.

Owns the facts, their grammar (`grammar.py`), how they are looked up (`library.py`) and what each word of it means for
given arguments (`values.py`, `combinations.py`, `changes.py` and what these use). Beside this package they are applied:
values in `checking.py`, changes in `diffing.py`, what the world refuses in `world.py` and `references.py`.

The provider decides what a plan shows, so it is the only witness here. CloudFormation's schemas and botocore's models
describe the API behind it and differ: a property that CloudFormation cannot change may be changed by another call.
"""
