-- Whether a JSON value may hold objects and arrays so many deep in each other: as many are opened,
-- and they are no mere row of shallow ones, which are gone when the innermost are taken out five
-- times. The strict parser counts; this only spares it what is merely long. Most values are too short.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_is_deep(x, most) AS (
    strlen(x) >= 2 * (most - 5)
    AND ascii(x) IN (91, 123)
    AND strlen(x) - strlen(translate(x, '{[', '')) >= most
    AND strlen(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            regexp_replace(x, '"(\\.|[^"\\])*"|[^\[\]{}]', '', 'g'),
                            '\[\]|\{\}', '', 'g'
                        ),
                        '\[\]|\{\}', '', 'g'
                    ),
                    '\[\]|\{\}', '', 'g'
                ),
                '\[\]|\{\}', '', 'g'
            ),
            '\[\]|\{\}', '', 'g'
        )
    ) >= 2 * (most - 5)
);
