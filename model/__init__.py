"""The model: settings, names, tags, subnet plan and IAM documents in pure Python.

Owns every decision that can be taken without a cloud, so that it can be tested without one. Owns no Pulumi
resource and imports no Pulumi package; `components` turns what is decided here into resources.
"""
