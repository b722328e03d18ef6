"""The process that trains for a deployed client from message to message, and how its ClientApp talks to it."""
