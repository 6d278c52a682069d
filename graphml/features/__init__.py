"""Compute as-of features: one file a family, each binding `FAMILY`."""
