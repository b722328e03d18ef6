"""Four bits over seven uses of a noisy channel: symbols that a circuit, or a network, learns beside their receiver."""
