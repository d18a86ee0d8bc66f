"""Inference that holds when dependence within clusters is not as the model has it."""
