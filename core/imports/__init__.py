"""Real input: places, buildings and cases from files, by a mapping file that says what their columns mean."""
