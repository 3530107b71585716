"""Liaisons: who answers for a sector at a place at a moment."""
