"""Load and failure under load: the client that remembers what was acknowledged, benches, JMeter's plan."""
