"""The demo: an invented street and what happens in it."""
