-- SUPER values as jsonb, and aggregates over arrays of known values.

-- Attribute of an object; NULL where the value is no object, has no such attribute, or has null there.
CREATE OR REPLACE FUNCTION dw_redshift.attribute(document jsonb, name text)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(document -> name, 'null');

CREATE OR REPLACE FUNCTION dw_redshift.element(document jsonb, place integer)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'array' AND place >= 0 THEN nullif(document -> place, 'null') END;

CREATE OR REPLACE FUNCTION dw_redshift.elements(document jsonb)
RETURNS TABLE (value jsonb, place bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT nullif(found.value, 'null'), found.place - 1
  FROM jsonb_array_elements(CASE WHEN jsonb_typeof(document) = 'array' THEN document ELSE '[]' END)
    WITH ORDINALITY AS found(value, place);
END;

CREATE OR REPLACE FUNCTION dw_redshift.scalar(document jsonb)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN document #>> '{}';

CREATE OR REPLACE FUNCTION dw_redshift.attributes(document jsonb)
RETURNS TABLE (value jsonb, name text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT nullif(found.value, 'null'), found.key
  FROM jsonb_each(CASE WHEN jsonb_typeof(document) = 'object' THEN document ELSE '{}' END) AS found;
END;

-- Order of two scalars of one type; NULL where the types differ.
CREATE OR REPLACE FUNCTION dw_redshift.super_order(one jsonb, other jsonb)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN jsonb_typeof(one) <> jsonb_typeof(other) OR jsonb_typeof(one) = 'null' THEN NULL
  WHEN one = other THEN 0
  WHEN jsonb_typeof(one) = 'number' THEN CASE WHEN one < other THEN -1 ELSE 1 END
  WHEN jsonb_typeof(one) = 'string' THEN CASE WHEN (one #>> '{}') COLLATE "C" < (other #>> '{}') THEN -1 ELSE 1 END
  WHEN jsonb_typeof(one) = 'boolean' THEN CASE WHEN one < other THEN -1 ELSE 1 END
  END;

CREATE OR REPLACE FUNCTION dw_redshift.super_arithmetic(sign text, one jsonb, other jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(one) = 'number' AND jsonb_typeof(other) = 'number' THEN to_jsonb(CASE sign
  WHEN '+' THEN one::numeric + other::numeric
  WHEN '-' THEN one::numeric - other::numeric
  ELSE one::numeric * other::numeric END) END;

-- Compact text of a value; attributes by the length of their names, then by name, as jsonb has them.
CREATE OR REPLACE FUNCTION dw_redshift.serialized(document jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
BEGIN
  RETURN CASE jsonb_typeof(document)
    WHEN 'array' THEN (SELECT '[' || coalesce(string_agg(dw_redshift.serialized(value), ',' ORDER BY place), '') || ']'
      FROM jsonb_array_elements(document) WITH ORDINALITY AS found(value, place))
    WHEN 'object' THEN (SELECT '{' || coalesce(string_agg(to_json(key) || ':' || dw_redshift.serialized(value), ','), '')
      || '}' FROM jsonb_each(document))
    ELSE document::text END;
END
$body$;

CREATE OR REPLACE FUNCTION dw_redshift.array_flatten(document jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  flat jsonb := '[]';
  item jsonb;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(document) LOOP
    flat := flat || CASE jsonb_typeof(item) WHEN 'array' THEN dw_redshift.array_flatten(item)
      ELSE jsonb_build_array(item) END;
  END LOOP;
  RETURN flat;
END
$body$;

CREATE OR REPLACE FUNCTION dw_redshift.array_length(document jsonb)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'array' THEN jsonb_array_length(document) END;

CREATE OR REPLACE FUNCTION dw_redshift.array_concat(one jsonb, other jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(one) = 'array' AND jsonb_typeof(other) = 'array' THEN one || other END;

CREATE OR REPLACE FUNCTION dw_redshift.subarray(document jsonb, start integer, length integer)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'array' THEN coalesce((SELECT jsonb_agg(value ORDER BY place)
  FROM jsonb_array_elements(document) WITH ORDINALITY AS found(value, place)
  WHERE place > start AND place <= start::bigint + length), '[]') END;

CREATE OR REPLACE FUNCTION dw_redshift.split_to_array(value text, delimiter text)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_jsonb(string_to_array(value, delimiter));

-- Objects with their attributes' names in another case, at every depth.
CREATE OR REPLACE FUNCTION dw_redshift.renamed(document jsonb, capitals boolean)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
BEGIN
  RETURN CASE jsonb_typeof(document)
    WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(
      CASE WHEN capitals THEN upper(key) ELSE lower(key) END, dw_redshift.renamed(value, capitals)), '{}')
      FROM jsonb_each(document))
    WHEN 'array' THEN (SELECT coalesce(jsonb_agg(dw_redshift.renamed(value, capitals) ORDER BY place), '[]')
      FROM jsonb_array_elements(document) WITH ORDINALITY AS found(value, place))
    ELSE document END;
END
$body$;

-- Whether a value is a number without a fraction within bits.
CREATE OR REPLACE FUNCTION dw_redshift.is_whole(document jsonb, bits integer)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'number' THEN scale(document::numeric) = 0
  AND document::numeric BETWEEN -(2::numeric ^ (bits - 1)) AND 2::numeric ^ (bits - 1) - 1
  WHEN document IS NULL THEN false ELSE false END;

CREATE OR REPLACE FUNCTION dw_redshift.is_kind(document jsonb, kinds text[])
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(jsonb_typeof(document) = ANY (kinds), false);

CREATE OR REPLACE FUNCTION dw_redshift.is_ascii(document jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(jsonb_typeof(document) = 'string' AND octet_length(document #>> '{}') = length(document #>> '{}'), false);

CREATE OR REPLACE FUNCTION dw_redshift.decimal_precision(document jsonb)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'number'
  THEN length(ltrim(translate(document #>> '{}', '-.', ''), '0')) END;

CREATE OR REPLACE FUNCTION dw_redshift.decimal_scale(document jsonb)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(document) = 'number' THEN scale(document::numeric) END;

-- Value between the two nearest of sorted ones, exactly.
CREATE OR REPLACE FUNCTION dw_redshift.percentile_cont(fraction numeric, known numeric[])
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN known[floor(fraction * (cardinality(known) - 1))::integer + 1]
  + (fraction * (cardinality(known) - 1) - floor(fraction * (cardinality(known) - 1)))
  * (known[ceil(fraction * (cardinality(known) - 1))::integer + 1]
    - known[floor(fraction * (cardinality(known) - 1))::integer + 1]);

CREATE OR REPLACE FUNCTION dw_redshift.percentile_cont(fraction double precision, known double precision[])
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN known[floor(fraction * (cardinality(known) - 1))::integer + 1]
  + (fraction * (cardinality(known) - 1) - floor(fraction * (cardinality(known) - 1)))
  * (known[ceil(fraction * (cardinality(known) - 1))::integer + 1]
    - known[floor(fraction * (cardinality(known) - 1))::integer + 1]);

CREATE OR REPLACE FUNCTION dw_redshift.percentile_disc(fraction numeric, known anyarray)
RETURNS anyelement LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body$ SELECT known[greatest(ceil(fraction * cardinality(known))::integer, 1)] $body$;

CREATE OR REPLACE FUNCTION dw_redshift.nth(known anyarray, place bigint)
RETURNS anyelement LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body$ SELECT known[place::integer] $body$;

CREATE OR REPLACE FUNCTION dw_redshift.keep_first(state anyelement, value anyelement)
RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$ SELECT state $body$;

CREATE OR REPLACE FUNCTION dw_redshift.keep_last(state anyelement, value anyelement)
RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $body$ SELECT value $body$;

CREATE OR REPLACE AGGREGATE dw_redshift.first_known(anyelement) (SFUNC = dw_redshift.keep_first, STYPE = anyelement);

CREATE OR REPLACE AGGREGATE dw_redshift.last_known(anyelement) (SFUNC = dw_redshift.keep_last, STYPE = anyelement);

-- The first values that are there, so many at most: a frame that grows by a row costs no more than that.
CREATE OR REPLACE FUNCTION dw_redshift.keep_few(state anyarray, value anyelement, most bigint)
RETURNS anyarray LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $body$ SELECT CASE WHEN value IS NULL OR cardinality(state) >= most THEN state
  ELSE array_append(state, value) END $body$;

CREATE OR REPLACE AGGREGATE dw_redshift.first_few_known(anyelement, bigint)
  (SFUNC = dw_redshift.keep_few, STYPE = anyarray, INITCOND = '{}');
