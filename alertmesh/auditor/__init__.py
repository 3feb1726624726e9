"""Watch the pager itself from outside: what is wrong is told by a way of its own."""
