// Each row: name.
UNWIND $rows AS row
MERGE (:Bank {name: row.name})
