"""Get an incident to the right person, and on to the next one when nobody answers."""
