// Each row: ringId, accounts. Takes out members that a former write-back of the same run had put in.
UNWIND $rows AS row
MATCH (a:Account)-[m:MEMBER_OF]->(:Ring {ringId: row.ringId, runId: $run})
WHERE NOT a.accountNumber IN row.accounts
DELETE m
