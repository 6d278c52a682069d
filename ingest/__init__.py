"""Read files into a Ledger: one file a format, each binding `SOURCE`."""
