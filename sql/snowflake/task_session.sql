-- What results depend on, one thing at a time, whatever the account's defaults are.
-- Safe to repeat: a setting of this session.
-- Fragments: setting
-- Parameters: none
ALTER SESSION SET {{ setting }};
