"""The words of the field: what each means, exactly and shortly, and PyTorch's name for it."""
