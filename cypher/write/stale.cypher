// What an earlier write-back of the same run left and this one does not have. $rings: ids; $flagged: account numbers.
MATCH (al:Alert {runId: $run}) WHERE NOT al.ringId IN $rings DETACH DELETE al;
MATCH (r:Ring {runId: $run}) WHERE NOT r.ringId IN $rings DETACH DELETE r;
MATCH (a:Flagged) WHERE $run IN a.flaggedBy AND NOT a.accountNumber IN $flagged
SET a.flaggedBy = [run IN a.flaggedBy WHERE run <> $run];
