"""A stand-in for Snowflake that the loader reaches over HTTP, as it would reach an account.

It runs in an environment of its own (build/snowflake-server) and executes on DuckDB, by way of
fakesnow's translation. Where fakesnow is lenient, it is as strict as Snowflake is, or stricter:

- a statement that Snowflake would commit a transaction for (DDL) is refused inside of one;
- a MERGE whose source has several rows for one target row is refused (100090);
- a statement that fails leaves the transaction as it was before it;
- a transaction sees what others committed before each of its statements (READ COMMITTED);
- UPDATE, DELETE and MERGE lock their table until the transaction ends, and wait for each other;
- a lock is waited for as long as LOCK_TIMEOUT says;
- keys are not enforced, NOT NULL and the length of a VARCHAR are;
- quoted names must have the right case, functions must be Snowflake's;
- VALUES may not hold semi-structured values.

What it cannot tell: time and cost, rights of roles, types as Snowflake infers them, and the ways
of COPY beyond those in ``copying``, ``loading``, ``transforming`` and ``records``: Parquet by the
names of its columns, and a SELECT over CSV and JSON, also of an external stage, whose bucket is a
folder. What it does not know it refuses with an error of its own (999001), and does not guess.
"""
