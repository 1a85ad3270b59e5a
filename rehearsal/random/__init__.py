"""Stand-in for the pulumi-random plugin: values from the operating system, secrets marked by the SDK."""
