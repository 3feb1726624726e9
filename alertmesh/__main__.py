"""Run `python -m alertmesh` like the `alertmesh` command."""

from alertmesh.cli import main

main()
