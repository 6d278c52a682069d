// Which flagged accounts lie near this account, how many payments away, and which payments connect them?
//
// account: account. The account, as BANK:ACCOUNT.
// from: date = 0001-01-01. Payments from this instant on count.
// to: date = 9999-12-31. Payments before this instant count.
// hops: integer 1..4 = 2. How many payments away an account may be.
// run: text = . Only accounts that this run flagged; empty for any run.
// hub_limit: integer 1..1000000000 = 1000. Accounts with more payments than this in all are not passed through.
//
// A row of kind "flagged" is a flagged account: hops is the smallest number of payments, in either direction, between it and
// the account, and transactions are all payments on paths of that length. A row of kind "hub" is an account where the search
// stopped because it has more payments than hub_limit: what lies only behind it is not in the answer. The account itself is
// always passed through and is no row.
// Each level holds the accounts first met there, each with the payments that lead to it and the accounts they come from.
// Each level holds the accounts first met there, each with the payments that lead to it and the accounts they come from.
MATCH (start:Account {accountNumber: $account})
WITH [{name: start.accountNumber, hub: false}] AS level0, [start.accountNumber] AS seen0
CALL (level0, seen0) {
  UNWIND [p IN level0 WHERE NOT p.hub AND 1 <= $hops] AS p
  MATCH (:Account {accountNumber: p.name})-[:PERFORMS|BENEFITS_TO]-(t:Transaction)-[:PERFORMS|BENEFITS_TO]-(y:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0 AND NOT y.accountNumber IN seen0
    AND (1 < $hops OR size(coalesce(y.flaggedBy, [])) > 0)
  WITH y, collect(DISTINCT p.name) AS before, collect(DISTINCT t.transactionId) AS own
  RETURN collect({
    name: y.accountNumber, before: before, own: own, hop: 1, runs: coalesce(y.flaggedBy, []),
    hub: COUNT { (y)-[:PERFORMS]->() } + COUNT { (y)<-[:BENEFITS_TO]-() } > $hub_limit
  }) AS level1
}
WITH level1, seen0 + [p IN level1 | p.name] AS seen1
CALL (level1, seen1) {
  UNWIND [p IN level1 WHERE NOT p.hub AND 2 <= $hops] AS p
  MATCH (:Account {accountNumber: p.name})-[:PERFORMS|BENEFITS_TO]-(t:Transaction)-[:PERFORMS|BENEFITS_TO]-(y:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0 AND NOT y.accountNumber IN seen1
    AND (2 < $hops OR size(coalesce(y.flaggedBy, [])) > 0)
  WITH y, collect(DISTINCT p.name) AS before, collect(DISTINCT t.transactionId) AS own
  RETURN collect({
    name: y.accountNumber, before: before, own: own, hop: 2, runs: coalesce(y.flaggedBy, []),
    hub: COUNT { (y)-[:PERFORMS]->() } + COUNT { (y)<-[:BENEFITS_TO]-() } > $hub_limit
  }) AS level2
}
WITH level1, level2, seen1 + [p IN level2 | p.name] AS seen2
CALL (level2, seen2) {
  UNWIND [p IN level2 WHERE NOT p.hub AND 3 <= $hops] AS p
  MATCH (:Account {accountNumber: p.name})-[:PERFORMS|BENEFITS_TO]-(t:Transaction)-[:PERFORMS|BENEFITS_TO]-(y:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0 AND NOT y.accountNumber IN seen2
    AND (3 < $hops OR size(coalesce(y.flaggedBy, [])) > 0)
  WITH y, collect(DISTINCT p.name) AS before, collect(DISTINCT t.transactionId) AS own
  RETURN collect({
    name: y.accountNumber, before: before, own: own, hop: 3, runs: coalesce(y.flaggedBy, []),
    hub: COUNT { (y)-[:PERFORMS]->() } + COUNT { (y)<-[:BENEFITS_TO]-() } > $hub_limit
  }) AS level3
}
WITH level1, level2, level3, seen2 + [p IN level3 | p.name] AS seen3
CALL (level3, seen3) {
  UNWIND [p IN level3 WHERE NOT p.hub AND 4 <= $hops] AS p
  MATCH (:Account {accountNumber: p.name})-[:PERFORMS|BENEFITS_TO]-(t:Transaction)-[:PERFORMS|BENEFITS_TO]-(y:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0 AND NOT y.accountNumber IN seen3
    AND (4 < $hops OR size(coalesce(y.flaggedBy, [])) > 0)
  WITH y, collect(DISTINCT p.name) AS before, collect(DISTINCT t.transactionId) AS own
  RETURN collect({
    name: y.accountNumber, before: before, own: own, hop: 4, runs: coalesce(y.flaggedBy, []),
    hub: COUNT { (y)-[:PERFORMS]->() } + COUNT { (y)<-[:BENEFITS_TO]-() } > $hub_limit
  }) AS level4
}
UNWIND level1 + level2 + level3 + level4 AS p
UNWIND ['flagged', 'hub'] AS kind
WITH level1, level2, level3, kind, p
WHERE kind = 'flagged' AND (($run = '' AND size(p.runs) > 0) OR $run IN p.runs) OR kind = 'hub' AND p.hub AND p.hop < $hops
WITH level1, level2, kind, p, [p] + [q IN level3 WHERE q.name IN p.before] AS chain3
WITH level1, kind, p, chain3 + [q IN level2 WHERE any(x IN chain3 WHERE q.name IN x.before)] AS chain2
WITH kind, p, chain2 + [q IN level1 WHERE any(x IN chain2 WHERE q.name IN x.before)] AS chain1
CALL (chain1) {
  UNWIND chain1 AS x
  UNWIND x.own AS id
  WITH id ORDER BY id
  RETURN collect(id) AS transactions
}
RETURN kind, p.name AS account, p.hop AS hops, transactions
ORDER BY kind, hops, account
