// Each row: ringId, typology, score, date (ms, the ring's last transaction). One alert for each ring, RUN/RING.
UNWIND $rows AS row
MATCH (r:Ring {ringId: row.ringId, runId: $run})
MERGE (al:Alert {alertId: $run + '/' + row.ringId})
SET al.runId = $run, al.ringId = row.ringId, al.typology = row.typology, al.score = row.score, al.date = row.date
MERGE (al)-[:RAISED_FOR]->(r)
