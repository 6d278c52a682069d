// Each row: accountNumber (BANK:ACCOUNT), number, accountType, openDate (ms since 1970), openingBalance.
// Looked for and made by hand: ArcadeDB uses no index for MERGE of a node with two labels.
UNWIND $rows AS row
OPTIONAL MATCH (old:Account {accountNumber: row.accountNumber})
WITH row, old WHERE old IS NULL
CREATE (:Account:Internal {accountNumber: row.accountNumber});

UNWIND $rows AS row
MATCH (a:Account {accountNumber: row.accountNumber})
SET a.number = row.number, a.accountType = row.accountType, a.openDate = row.openDate, a.openingBalance = row.openingBalance;
