"""Give people the engine: command line, evidence packages, reports."""
