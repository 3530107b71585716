"""Documents on paper: Word files in the layout of an office, and clips of the map drawn without a browser."""
