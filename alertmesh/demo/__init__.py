"""What `alertmesh demo` needs beside AlertMesh itself: recorded stories and stand-ins of channels."""
