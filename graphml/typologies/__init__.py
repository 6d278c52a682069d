"""Find laundering patterns: one file a typology, each binding `TYPOLOGY`."""
