"""The simulated AWS account as a whole: its number, and what it holds before a program makes anything in it.

What a program makes is in `rehearsal/cloud.py`; what AWS answers about resources is `rehearsal/aws`.
"""
