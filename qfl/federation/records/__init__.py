"""What travels and what is written down: messages, reply status, round metrics, rows, run metadata."""
