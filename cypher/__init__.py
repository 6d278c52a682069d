"""Keep the entity graph in a store that speaks Cypher over Bolt."""
