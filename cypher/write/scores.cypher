// Each row: account, score. The score is that of the run written last, which scoredBy names.
UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.account})
SET a.score = row.score, a.scoredBy = $run
