"""Carry log entries from the doors to the pipeline."""

from alertmesh.bus.local import LocalBus

__all__ = ["LocalBus"]
