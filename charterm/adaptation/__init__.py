"""What makes a model personal: a memory of what was written, mixed with the network."""
