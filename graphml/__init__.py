"""Find money-laundering networks: the engine, pure and without a network."""
