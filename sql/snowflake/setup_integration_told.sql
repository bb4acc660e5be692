-- Whom the cloud must let in: the answer goes into the rights of the bucket.
-- Safe to repeat: reads only.
-- Fragments: integration
-- Parameters: none
DESCRIBE INTEGRATION {{ integration }};
