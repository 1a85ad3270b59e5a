"""The AWS API itself, as far as the Pulumi engine and people's tools call it without a provider: S3 and KMS.

The engine keeps a stack's state in a bucket and seals its secrets with a key, by AWS's own client libraries. They are
pointed at a server on the loopback address, which answers from the simulated account and asks for each request whether
its caller may: so the commands that move a state into a bucket run as they are written, engine, login and all.
"""
