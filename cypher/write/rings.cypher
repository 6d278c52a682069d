// Each row: ringId, typology, score, start and end (ms), value, reasons (sentences), transactions (ids). A ring is one node for each run.
UNWIND $rows AS row
MERGE (r:Ring {ringId: row.ringId, runId: $run})
SET r.typology = row.typology, r.score = row.score, r.start = row.start, r.end = row.end, r.value = row.value,
    r.reasons = row.reasons, r.transactions = row.transactions
