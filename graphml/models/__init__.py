"""Score accounts: one file a model, each binding `SCORER`."""
