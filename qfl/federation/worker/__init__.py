"""A deployed client: the node that takes its messages, the trainer that stays, and how they talk."""
