"""Pages to people: rendering, limits, bundling, the outbox, and one module for each kind of channel."""
