-- Functions that Redshift has and PostgreSQL lacks, or answers otherwise. One statement a paragraph; raise VERSION in
-- postgres_compatibility.py with every change. {collation} is one that knows the capitals of all letters.

CREATE SCHEMA IF NOT EXISTS dw_redshift;

GRANT USAGE ON SCHEMA dw_redshift TO PUBLIC;

-- Quotient cut off after `places` digits. PostgreSQL's own division rounds, at a scale of its own.
CREATE OR REPLACE FUNCTION dw_redshift.quotient(dividend numeric, divisor numeric, places integer)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(div(dividend * 10::numeric ^ places, divisor) * 10::numeric ^ (-places), places);

CREATE OR REPLACE FUNCTION dw_redshift.upper(value text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.upper(value COLLATE {collation});

CREATE OR REPLACE FUNCTION dw_redshift.lower(value text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.lower(value COLLATE {collation});

CREATE OR REPLACE FUNCTION dw_redshift.initcap(value text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.initcap(value COLLATE {collation});

-- Number written in a base from 2 to 36; 0 for an empty text.
CREATE OR REPLACE FUNCTION dw_redshift.strtol(value text, base integer)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog AS $body$
DECLARE
  digits text := pg_catalog.lower(btrim(value));
  sign numeric := 1;
  place integer;
  total numeric := 0;
BEGIN
  IF base NOT BETWEEN 2 AND 36 THEN
    RAISE EXCEPTION 'base' USING ERRCODE = '22023';
  END IF;
  IF digits ~ '^[-+]' THEN
    sign := CASE left(digits, 1) WHEN '-' THEN -1 ELSE 1 END;
    digits := substr(digits, 2);
  END IF;
  IF base = 16 AND digits LIKE '0x%' THEN
    digits := substr(digits, 3);
  END IF;
  FOR i IN 1 .. length(digits) LOOP
    place := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
    IF place < 0 OR place >= base THEN
      RAISE EXCEPTION 'digit' USING ERRCODE = '22P02';
    END IF;
    total := total * base + place;
  END LOOP;
  RETURN (sign * total)::bigint;
END
$body$;

-- from 16
CREATE OR REPLACE FUNCTION dw_redshift.is_valid_json(document text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN document IS JSON;

-- before 16
CREATE OR REPLACE FUNCTION dw_redshift.is_valid_json(document text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog AS $body$
BEGIN
  PERFORM document::json;
  RETURN true;
EXCEPTION WHEN invalid_text_representation THEN
  RETURN false;
END
$body$;

CREATE OR REPLACE FUNCTION dw_redshift.is_valid_json_array(document text)
RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN CASE WHEN dw_redshift.is_valid_json(document) THEN json_typeof(document::json) = 'array'
  WHEN document IS NOT NULL THEN false END;

CREATE OR REPLACE FUNCTION dw_redshift.json_path_text(document text, path text[], lenient boolean)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN NOT lenient OR dw_redshift.is_valid_json(document) THEN document::json #>> path END;

-- Element of an array, NULL beyond its ends; what is no array is an error.
CREATE OR REPLACE FUNCTION dw_redshift.json_element_text(document text, place integer, lenient boolean)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN (NOT lenient OR dw_redshift.is_valid_json_array(document))
  AND place >= 0 AND place < json_array_length(document::json) THEN document::json ->> place END;

CREATE OR REPLACE FUNCTION dw_redshift.json_length(document text, lenient boolean)
RETURNS integer LANGUAGE sql IMMUTABLE
RETURN CASE WHEN NOT lenient OR dw_redshift.is_valid_json_array(document) THEN json_array_length(document::json) END;

-- Start of the statement, to the second, in UTC.
CREATE OR REPLACE FUNCTION dw_redshift.getdate()
RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE
RETURN date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC');

-- Part of a moment without those above and below it: milliseconds do not count the seconds, decades count from 1.
CREATE OR REPLACE FUNCTION dw_redshift.part(name text, moment timestamp)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE name
  WHEN 'millisecond' THEN floor(date_part('millisecond', moment))::bigint % 1000
  WHEN 'decade' THEN floor(date_part('year', moment) / 10)::bigint + 1
  ELSE floor(date_part(name, moment))::bigint END;

-- Boundaries of a part that lie between two moments; weeks begin on Monday.
CREATE OR REPLACE FUNCTION dw_redshift.datediff(part text, began timestamp, ended timestamp)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE part
  WHEN 'year' THEN (date_part('year', ended) - date_part('year', began))::bigint
  WHEN 'quarter' THEN ((date_part('year', ended) - date_part('year', began)) * 4
    + date_part('quarter', ended) - date_part('quarter', began))::bigint
  WHEN 'month' THEN ((date_part('year', ended) - date_part('year', began)) * 12
    + date_part('month', ended) - date_part('month', began))::bigint
  WHEN 'week' THEN ((date_trunc('week', ended)::date - date_trunc('week', began)::date) / 7)::bigint
  WHEN 'day' THEN (ended::date - began::date)::bigint
  WHEN 'hour' THEN (extract(epoch FROM date_trunc('hour', ended) - date_trunc('hour', began)) / 3600)::bigint
  WHEN 'minute' THEN (extract(epoch FROM date_trunc('minute', ended) - date_trunc('minute', began)) / 60)::bigint
  WHEN 'second' THEN extract(epoch FROM date_trunc('second', ended) - date_trunc('second', began))::bigint
  WHEN 'millisecond' THEN
    (extract(epoch FROM date_trunc('milliseconds', ended) - date_trunc('milliseconds', began)) * 1000)::bigint
  WHEN 'microsecond' THEN (extract(epoch FROM ended - began) * 1000000)::bigint
  END;

CREATE OR REPLACE FUNCTION dw_redshift.dateadd(part text, amount bigint, moment timestamp)
RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN moment + CASE part
  WHEN 'year' THEN make_interval(years => amount::integer)
  WHEN 'quarter' THEN make_interval(months => (amount * 3)::integer)
  WHEN 'month' THEN make_interval(months => amount::integer)
  WHEN 'week' THEN make_interval(weeks => amount::integer)
  WHEN 'day' THEN make_interval(days => amount::integer)
  WHEN 'hour' THEN make_interval(hours => amount::integer)
  WHEN 'minute' THEN make_interval(mins => amount::integer)
  WHEN 'second' THEN amount * interval '1 second'
  WHEN 'millisecond' THEN amount * interval '1 millisecond'
  WHEN 'microsecond' THEN amount * interval '1 microsecond'
  END;

CREATE OR REPLACE FUNCTION dw_redshift.dateadd(part text, amount bigint, moment timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN dw_redshift.dateadd(part, amount, moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

CREATE OR REPLACE FUNCTION dw_redshift.last_day(moment timestamp)
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (date_trunc('month', moment) + interval '1 month' - interval '1 day')::date;

-- The last day of a month goes to the last day of another, unlike DATEADD.
CREATE OR REPLACE FUNCTION dw_redshift.add_months(moment timestamp, amount bigint)
RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN moment::date = dw_redshift.last_day(moment)
  THEN dw_redshift.last_day(moment + make_interval(months => amount::integer)) + moment::time
  ELSE moment + make_interval(months => amount::integer) END;

-- Whole where both days agree or are both last of their months; else the rest counts by 31sts.
CREATE OR REPLACE FUNCTION dw_redshift.months_between(ended timestamp, began timestamp)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN dw_redshift.datediff('month', began, ended)::double precision + CASE
  WHEN date_part('day', ended) = date_part('day', began) THEN 0
  WHEN ended::date = dw_redshift.last_day(ended) AND began::date = dw_redshift.last_day(began) THEN 0
  ELSE (date_part('day', ended) - date_part('day', began)
    + (date_part('epoch', ended::time) - date_part('epoch', began::time)) / 86400) / 31 END;

-- First day of a name, given by two letters or more, after a moment.
CREATE OR REPLACE FUNCTION dw_redshift.next_day(moment timestamp, name text)
RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  days text[] := ARRAY['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  wanted text := pg_catalog.lower(btrim(name));
BEGIN
  FOR i IN 1 .. 7 LOOP
    IF length(wanted) >= 2 AND starts_with(days[i], wanted) THEN
      RETURN moment::date + ((i - 1 - date_part('dow', moment)::integer + 6) % 7) + 1;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'day' USING ERRCODE = '22023';
END
$body$;
