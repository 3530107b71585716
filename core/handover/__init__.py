"""The shift and its handover: a log that writes itself, two signatures, and the papers made of it."""
