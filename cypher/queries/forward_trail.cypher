// Where did the money go that this account paid in these dates?
//
// account: account. The account that pays first, as BANK:ACCOUNT.
// from: date = 0001-01-01. First payments from this instant on.
// to: date = 9999-12-31. First payments before this instant.
// hops: integer 1..6 = 4. The most payments in a path.
// max_gap: duration = 72h. The most time from one payment to the next.
// window: duration = 30d. The most time from the first payment to the last.
// keep: number 0..1 = 0.8. The least share of a payment that the next one passes on.
// most: number 1..1000000 = 1.25. The most that the next payment may be, as a multiple.
// limit: integer 1..1000000 = 200. How many paths to list; paths says how many there are.
//
// Each row is a path of payments in strictly rising time, of every length up to hops, so that the start of a listed path is
// listed too. No account stands in it twice, except that it may end where it began: then returned is true. Amounts are in the
// reference currency, elapsed is in milliseconds, paths is the number of all paths, also of those beyond limit.
// Times are compared as differences: a bound on a date itself would make Neo4j begin with the index of all dates.
MATCH (a:Account {accountNumber: $account})-[:PERFORMS]->(f:Transaction)
WHERE f.date - $from >= 0 AND f.date - $to < 0
MATCH (f)((p:Transaction)-[:BENEFITS_TO]->(m:Account)-[:PERFORMS]->(n:Transaction)
  WHERE n.date - p.date > 0 AND n.date - p.date <= $max_gap AND n.date - f.date <= $window
    AND $keep * p.value <= n.value AND n.value <= $most * p.value AND m <> a){0,5}(l:Transaction)-[:BENEFITS_TO]->(z:Account)
WITH a, f, l, z, [x IN m | x.accountNumber] AS middle, [x IN n | x.transactionId] AS next
WHERE size(middle) < $hops AND NOT z.accountNumber IN middle
  AND all(i IN range(0, size(middle) - 1) WHERE NOT middle[i] IN middle[i + 1 ..])
WITH {
  transactions: [f.transactionId] + next, accounts: [a.accountNumber] + middle + [z.accountNumber],
  amount_in: f.value, amount_out: l.value, returned: z = a, elapsed: l.date - f.date
} AS path
ORDER BY path.amount_out DESC, path.transactions
WITH collect(path) AS found
UNWIND found[0 .. $limit] AS path
RETURN path.transactions AS transactions, path.accounts AS accounts, path.amount_in AS amount_in,
  path.amount_out AS amount_out, path.returned AS returned, path.elapsed AS elapsed, size(found) AS paths
