"""Measure a generated world beside what is known of AMLworld, and draw it."""
