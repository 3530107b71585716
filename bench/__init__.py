"""Measurements of the application as it runs: `python -m bench` takes them all, `python -m bench NAME …` some."""
