"""JMeter's plan of one customer's way, closed and open, and its runner."""
