"""How a pure aggregation rule becomes a Flower strategy, and how any Flower strategy is stepped, saved and restored."""
