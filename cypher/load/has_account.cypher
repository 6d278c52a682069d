// Each row: source (customer), target (account), role.
UNWIND $rows AS row
MATCH (c:Customer {customerId: row.source})
MATCH (a:Account {accountNumber: row.target})
MERGE (c)-[:HAS_ACCOUNT {role: row.role}]->(a)
