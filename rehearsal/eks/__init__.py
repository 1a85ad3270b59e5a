"""Stand-in for the official pulumi-resource-eks plugin, used only where that plugin is not installed."""
