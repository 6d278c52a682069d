// Each row: ringId, accounts. Takes out members that a former write-back of the same run had put in.
UNWIND $rows AS row
MATCH (:Ring {ringId: row.ringId, runId: $run})<-[m:MEMBER_OF]-(a:Account)
WHERE NOT a.accountNumber IN row.accounts
DELETE m
