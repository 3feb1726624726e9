"""HTTP doors and API: what monitors, people and tools reach AlertMesh by."""
