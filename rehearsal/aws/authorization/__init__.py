"""Who may do what in the simulated account: the calls that an operation makes, judged by the caller's own policies.

`needs` says which actions an operation takes, `calls` makes requests of them, `caller` finds who asks, `guard` lets the
operation go on or refuses it. The evaluation itself is `rehearsal/iam`, which knows no resource.
"""
