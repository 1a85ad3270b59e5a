"""Stand-in for the official pulumi-resource-kubernetes plugin, used only where that plugin is not installed."""
