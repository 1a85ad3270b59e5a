"""From where and as whom a rehearsal acts, and what of the simulated account's API servers it may reach from there.

AWS's own API answers everywhere, so a place matters for what stands in a VPC only. What a caller may do in AWS is
`rehearsal/iam`'s; here stand the two ways in which an EKS cluster knows callers: its network and its access entries.
"""
