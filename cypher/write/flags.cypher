// Each row: account. flaggedBy lists the runs that flagged it, in the order in which they were first written.
UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.account})
SET a:Flagged, a.flaggedBy = CASE WHEN $run IN coalesce(a.flaggedBy, []) THEN a.flaggedBy ELSE coalesce(a.flaggedBy, []) + [$run] END
