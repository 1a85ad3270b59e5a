"""The rehearsal: the real Pulumi engine runs the program on this machine, with no AWS account.

`session.py` is the way in for code, `python -m rehearsal` for people.
"""
