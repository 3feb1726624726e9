"""The words of AlertMesh: plain values that every package shares, and nothing that acts."""
