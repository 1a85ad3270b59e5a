"""The components: one ComponentResource per file, one noun each.

Owns what AWS and Kubernetes resources exist and how they are wired. Reads no configuration and decides no names:
both arrive in the arguments, as `model` made them.
"""
