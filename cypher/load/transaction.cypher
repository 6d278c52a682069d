// Each row: transactionId, source and target (accounts), amount, amountText, currency, value, date (ms), type, payments.
// A transaction and its two relationships are made in one database transaction, so one that is there is complete;
// looking for it by its key keeps a hub's relationships from being searched, as MERGE of a relationship would.
UNWIND $rows AS row
MATCH (s:Account {accountNumber: row.source})
MATCH (d:Account {accountNumber: row.target})
OPTIONAL MATCH (old:Transaction {transactionId: row.transactionId})
WITH row, s, d, old WHERE old IS NULL
CREATE (s)-[:PERFORMS]->(t:Transaction {
  transactionId: row.transactionId, amount: row.amount, amountText: row.amountText, currency: row.currency,
  value: row.value, date: row.date, type: row.type, payments: row.payments
})-[:BENEFITS_TO]->(d)
RETURN count(t) AS made
