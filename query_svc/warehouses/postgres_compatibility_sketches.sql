-- HyperLogLog sketches as jsonb: sparse at 26 bits while they are small, dense at 15, as Redshift has them. A cell is
-- 64 * place + rank; one of a dense sketch is -1 - that. Estimates are Ertl's (2017), which need no table of biases.

-- Where a value falls: 26 bits of its hash are the place, the first 1 of the others is the rank. `family` tells numbers
-- from text.
CREATE OR REPLACE FUNCTION dw_redshift.hll_cell(value text, family bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT (hash >> 38 & 67108863) * 64 + coalesce(nullif(position(B'1' IN hash::bit(38)), 0), 39)
  FROM (SELECT hashtextextended(value COLLATE "C", family)) AS hashed(hash));

CREATE OR REPLACE FUNCTION dw_redshift.hll_document(form text, places bigint[], ranks bigint[])
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('version', 1, 'logm', 15, form, jsonb_build_object(
  'indices', coalesce(to_jsonb(places), '[]'), 'values', coalesce(to_jsonb(ranks), '[]')));

-- Sketch of cells: of each place the highest rank. It is dense beyond 6144 places, or where a cell is.
CREATE OR REPLACE FUNCTION dw_redshift.hll_sketch(cells bigint[])
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  WITH fine AS MATERIALIZED (
    SELECT cell >> 6 AS place, max(cell & 63) AS rank FROM unnest(cells) AS cell WHERE cell >= 0 GROUP BY 1),
  coarse AS (
    SELECT place, max(rank) AS rank FROM (
      SELECT place >> 11, CASE WHEN place & 2047 = 0 THEN 11 + rank ELSE position(B'1' IN place::bit(11)) END FROM fine
      UNION ALL SELECT (-1 - cell) >> 6, (-1 - cell) & 63 FROM unnest(cells) AS cell WHERE cell < 0
    ) AS either(place, rank) GROUP BY 1)
  SELECT CASE WHEN (SELECT count(*) FROM fine) <= 6144 AND NOT coalesce(0 > ANY (cells), false)
    THEN (SELECT dw_redshift.hll_document('sparse', array_agg(place ORDER BY place), array_agg(rank ORDER BY place))
      FROM fine)
    ELSE (SELECT dw_redshift.hll_document('dense', array_agg(place ORDER BY place), array_agg(rank ORDER BY place))
      FROM coarse) END);

-- Cells of a sketch; what is no sketch is an error.
CREATE OR REPLACE FUNCTION dw_redshift.hll_cells(sketch jsonb)
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  found jsonb := coalesce(sketch -> 'dense', sketch -> 'sparse');
BEGIN
  IF coalesce(jsonb_typeof(found -> 'indices') <> 'array' OR jsonb_typeof(found -> 'values') <> 'array', true) THEN
    RAISE EXCEPTION 'sketch' USING ERRCODE = '22DWS';
  END IF;
  RETURN (SELECT coalesce(array_agg(CASE WHEN sketch ? 'dense' THEN -1 - cell ELSE cell END), '{}')
    FROM (SELECT place::bigint * 64 + rank::bigint FROM ROWS FROM (
      jsonb_array_elements_text(found -> 'indices'), jsonb_array_elements_text(found -> 'values')
    ) AS pair(place, rank)) AS known(cell));
END
$body$;

-- Sketch of all values that any of the sketches has seen; NULLs count for nothing.
CREATE OR REPLACE FUNCTION dw_redshift.hll_combined(sketches jsonb[])
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN dw_redshift.hll_sketch((
  SELECT array_agg(cell) FROM unnest(sketches) AS one(sketch), unnest(dw_redshift.hll_cells(sketch)) AS cell));

CREATE OR REPLACE FUNCTION dw_redshift.hll_cardinality(sketch jsonb)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  cells bigint[] := dw_redshift.hll_cells(sketch);
  places double precision := CASE WHEN sketch ? 'dense' THEN 32768 ELSE 67108864 END;
  bare double precision := 1 - cardinality(cells) / places;
  total double precision;
BEGIN
  IF NOT sketch ? 'dense' THEN
    RETURN round(-places * ln(bare));
  END IF;
  IF bare > 0 THEN
    SELECT bare + coalesce(sum(exp(2.0::double precision ^ k * ln(bare)) * 2.0::double precision ^ (k - 1)), 0)
      INTO total FROM generate_series(1, 40) AS k WHERE 2.0::double precision ^ k * ln(bare) > -700;
  END IF;
  SELECT places * coalesce(total, 0) + sum(2.0::double precision ^ -((-1 - cell) & 63)) INTO total
    FROM unnest(cells) AS cell;
  RETURN round(places * places / (2 * ln(2.0::double precision) * total));
END
$body$;
