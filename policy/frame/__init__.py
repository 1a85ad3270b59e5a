"""The frame that carries rules: values with unknowns, the stack index, rule metadata, waivers, levels, the engine."""
