"""Cell-free MIMO: many access points, few antennas each, serve the same users on the same sub-channel."""
