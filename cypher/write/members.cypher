// Each row: ringId, account, role.
UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.account})
MATCH (r:Ring {ringId: row.ringId, runId: $run})
MERGE (a)-[m:MEMBER_OF {runId: $run}]->(r)
SET m.role = row.role
