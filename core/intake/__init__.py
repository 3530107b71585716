"""The duty desk takes in a report: where it is, what it is, whether it is known already."""
