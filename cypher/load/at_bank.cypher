// Each row: source (account), target (bank).
UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.source})
MATCH (b:Bank {name: row.target})
MERGE (a)-[:AT_BANK]->(b)
