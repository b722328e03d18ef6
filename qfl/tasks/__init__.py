"""What is to be learned: model, loss, samples and metric together, and the training of one client or of all at once."""
