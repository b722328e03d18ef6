"""Clients that attack a simulated run (`[attack]`): who they are, what they send, and what became of it."""
