-- What firehose-loader needs in Snowflake, and no more. Put in what stands in <>, and
-- run it as somebody who may take on the roles below. Once more, it changes nothing.

-- A role, and what it makes within reach of the administrators ------------------------------------

USE ROLE USERADMIN;

CREATE ROLE IF NOT EXISTS "LOADER";

GRANT ROLE "LOADER" TO ROLE SYSADMIN;

-- A user for the program --------------------------------------------------------------------------

CREATE USER IF NOT EXISTS "LOADER"
    TYPE = SERVICE
    DEFAULT_ROLE = "LOADER"
    DEFAULT_SECONDARY_ROLES = ()
    RSA_PUBLIC_KEY = '<public key, without its first and last line>';

GRANT ROLE "LOADER" TO USER "LOADER";

-- The compute, off but while a run needs it: it resumes by itself ---------------------------------

USE ROLE SYSADMIN;

CREATE WAREHOUSE IF NOT EXISTS "LOADING"
    WAREHOUSE_SIZE = XSMALL
    AUTO_SUSPEND = 60
    AUTO_RESUME = TRUE
    INITIALLY_SUSPENDED = TRUE
    STATEMENT_TIMEOUT_IN_SECONDS = 3600;

-- Database, schema and internal stage; what the loader makes there is its own ---------------------

CREATE DATABASE IF NOT EXISTS "MARKETING";

CREATE SCHEMA IF NOT EXISTS "MARKETING"."DOTDIGITAL";

GRANT USAGE ON WAREHOUSE "LOADING" TO ROLE "LOADER";

GRANT USAGE ON DATABASE "MARKETING" TO ROLE "LOADER";

GRANT USAGE, CREATE TABLE, CREATE VIEW, CREATE STAGE ON SCHEMA "MARKETING"."DOTDIGITAL" TO ROLE "LOADER";

USE ROLE "LOADER";

CREATE STAGE IF NOT EXISTS "MARKETING"."DOTDIGITAL"."_FIREHOSE_STAGE";
