"""Hold the verbs of the command line: each parses, calls one function, prints."""
