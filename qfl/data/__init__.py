"""Labelled samples: where they come from, how they are shared out among clients, what was read."""
