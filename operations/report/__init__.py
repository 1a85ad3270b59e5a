"""A preview as one Markdown comment: what changes, which policies object, what it costs."""
