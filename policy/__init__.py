"""The policy pack of Fast Order: rules that every deployment is checked against.

Owns the rules, their metadata, waivers and per-stack levels. Shares no code with the program, its model or its
tools: a guard that used the code it guards would repeat that code's mistakes.
"""
