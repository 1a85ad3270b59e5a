"""The project's own conventions, stated a second time for the guard: names and tags."""
