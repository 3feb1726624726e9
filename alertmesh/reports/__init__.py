"""What the timeline tells about the work of people: how fast, how often, how much for nothing."""
