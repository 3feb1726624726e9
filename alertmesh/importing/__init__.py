"""Turn the configuration of other alert managers into rules of ours, and tell what cannot be carried over."""
