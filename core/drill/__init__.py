"""From the street to a building: the same figures at every level."""
