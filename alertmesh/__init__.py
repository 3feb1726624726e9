"""AlertMesh: many monitors in, one incident out, to the right person."""

__version__ = "0.1.0"
