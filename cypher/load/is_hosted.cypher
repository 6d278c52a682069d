// Each row: source (account), target (country).
UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.source})
MATCH (c:Country {name: row.target})
MERGE (a)-[:IS_HOSTED]->(c)
