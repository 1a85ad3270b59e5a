"""Whether an account is ready for a stack, asked before anything is deployed: `make preflight STACK=...`.

Reads the real account through the AWS CLI and changes nothing. `claims` is the table of what is asked; what only a
deployment can prove is in docs/reference/first-deploy.md.
"""
