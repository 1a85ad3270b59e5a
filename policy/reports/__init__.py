"""What the pack says to people and other tools: rule lists, explanations, documentation, SARIF and JSON."""
