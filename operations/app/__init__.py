"""The three tiers on one machine: real processes on the loopback address, in private folders, without privileges."""
