// Who is in this ring, in which role, and how much did each take in, pass on inside and pay out?
//
// ring: ring. The id of the ring.
// run: text. The run that found it.
// from: date = 0001-01-01. Payments from this instant on count.
// to: date = 9999-12-31. Payments before this instant count.
//
// One row for each member. paid_inside and received_inside are payments to and from members (one to itself counts in both),
// inflow came from outside and outflow went outside, in the reference currency, to the cent; payments counts the member's payments, and
// first_seen and last_seen are their dates in milliseconds since 1970 UTC, null where there is none. The ring's own inside flow
// is the sum of paid_inside, its inflow and outflow are the sums of inflow and outflow.
MATCH (r:Ring {ringId: $ring, runId: $run})<-[:MEMBER_OF {runId: $run}]-(m:Account)
WITH r, collect(m.accountNumber) AS members
MATCH (r)<-[own:MEMBER_OF {runId: $run}]-(a:Account)
CALL (a, members) {
  OPTIONAL MATCH (a)-[:PERFORMS]->(t:Transaction)-[:BENEFITS_TO]->(b:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0
  RETURN sum(CASE WHEN b.accountNumber IN members THEN t.value ELSE 0.0 END) AS paid_inside,
    sum(CASE WHEN b.accountNumber IN members THEN 0.0 ELSE t.value END) AS outflow,
    count(t) AS paid, min(t.date) AS first_paid, max(t.date) AS last_paid
}
CALL (a, members) {
  OPTIONAL MATCH (a)<-[:BENEFITS_TO]-(t:Transaction)<-[:PERFORMS]-(b:Account)
  WHERE t.date - $from >= 0 AND t.date - $to < 0
  RETURN sum(CASE WHEN b.accountNumber IN members THEN t.value ELSE 0.0 END) AS received_inside,
    sum(CASE WHEN b.accountNumber IN members THEN 0.0 ELSE t.value END) AS inflow,
    count(CASE WHEN b <> a THEN t END) AS received, min(t.date) AS first_received, max(t.date) AS last_received
}
RETURN r.ringId AS ring, r.typology AS typology, a.accountNumber AS account, own.role AS role,
  round(paid_inside, 2) AS paid_inside, round(received_inside, 2) AS received_inside,
  round(inflow, 2) AS inflow, round(outflow, 2) AS outflow, paid + received AS payments,
  CASE WHEN first_received IS NULL OR first_paid < first_received THEN first_paid ELSE first_received END AS first_seen,
  CASE WHEN last_received IS NULL OR last_paid > last_received THEN last_paid ELSE last_received END AS last_seen
ORDER BY account
