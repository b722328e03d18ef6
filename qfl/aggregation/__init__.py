"""Pure rules that make one angle vector of many: means, medians, choices, on the line and on the circle."""
