"""Stand-in for the official AWS provider plugin, acting on the simulated cloud (rehearsal/cloud.py).

Used where the official plugin cannot be: without an account and without a network. What it knows it reads from packages
(the Pulumi SDK, botocore, the CloudFormation schemas in cfn-lint), from facts about the official plugin's own source
(`facts/`) and from one table of forms and names, `types.toml`. What that leaves unproven is listed by
`rehearsal.aws.fidelity`.
"""

PROVIDER_VERSION = "7.51.1"
