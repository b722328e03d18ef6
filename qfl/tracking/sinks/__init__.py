"""Where a run's rows go besides its folder: TensorBoard, MLflow, Weights & Biases, or anybody's own."""
