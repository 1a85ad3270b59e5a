"""The foundations of an account: what must exist before the platform can be deployed from a pipeline."""
