"""What the official AWS provider does with each type, read from its source: one file of facts per service in `data`.

Owns the facts and their grammar (`grammar.py`) and how they are looked up (`library.py`). What follows from them is
applied beside this package: refused values and combinations in `checking.py` and `combinations.py`, changes in place or
by replacement in `diffing.py`, endings in `endings.py`.

The provider decides what a plan shows, so it is the only witness here. CloudFormation's schemas and botocore's models
describe the API behind it and differ: a property that CloudFormation cannot change may be changed by another call.
"""
