"""Nodes without machines: what kubelets and node provisioning would report to a real API server, and their failures."""
