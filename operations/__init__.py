"""Tools around the program: reports, drills, loads and the tiers on one machine.

Owns what operators run. Knows the program only as a program: it imports neither the model nor the components.
"""
