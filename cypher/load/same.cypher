// How many of the rows the store holds exactly as given: a smaller number means that it holds another ledger.
UNWIND $rows AS row
MATCH (t:Transaction {transactionId: row.transactionId})
WHERE t.date = row.date AND t.amountText = row.amountText AND t.currency = row.currency
MATCH (s:Account)-[:PERFORMS]->(t)
WHERE s.accountNumber = row.source
MATCH (t)-[:BENEFITS_TO]->(d:Account)
WHERE d.accountNumber = row.target
RETURN count(t) AS same
