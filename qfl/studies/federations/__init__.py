"""Federations compared: every combination of a few choices, over rounds and over simulated seconds."""
