"""Figures 4 to 6 of "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems", and what they leave out."""
