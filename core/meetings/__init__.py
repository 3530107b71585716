"""The joint meeting: an agenda that builds itself, resolutions that act on cases and come back."""
