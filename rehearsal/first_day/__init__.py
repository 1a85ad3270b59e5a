"""The first day on a real account, rehearsed: the commands of documents and workflows, run as they are written.

`documents.py` takes the commands out of the documents and `plan.py` says which sections make up the day. `machines.py`
is people's machines and runners, `github.py` and `workflows.py` are GitHub, and `day.py` lets the day pass. All work on
one simulated account, each step as the identity and from the place that its document or workflow names.
"""
