"""Compress the repeats of one trouble: the filter at the door, and the rules behind it."""
