// Each row: name.
UNWIND $rows AS row
MERGE (:Country {name: row.name})
