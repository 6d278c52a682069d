// Each row: customerId, name, customerType, country, dateOfBirth (ISO text).
UNWIND $rows AS row
MERGE (c:Customer {customerId: row.customerId})
SET c.name = row.name, c.customerType = row.customerType, c.country = row.country, c.dateOfBirth = row.dateOfBirth
