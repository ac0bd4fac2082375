-- Text, hashes and conversions that Redshift has and PostgreSQL lacks, or answers otherwise.

-- The part at a place that counts from 1; PostgreSQL would count from the end below 0.
CREATE OR REPLACE FUNCTION dw_redshift.split_part(value text, delimiter text, place integer)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
BEGIN
  IF place < 1 THEN
    RAISE EXCEPTION 'place' USING ERRCODE = '22023';
  END IF;
  RETURN split_part(value, delimiter, place);
END
$body$;

-- -1, 0 or 1, by code points, trailing blanks aside.
CREATE OR REPLACE FUNCTION dw_redshift.text_order(one text, other text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN rtrim(one) COLLATE "C" < rtrim(other) THEN -1 WHEN rtrim(one) COLLATE "C" > rtrim(other) THEN 1
  WHEN rtrim(one) COLLATE "C" = rtrim(other) THEN 0 END;

-- Text of LISTAGG, which is an error beyond the longest VARCHAR.
CREATE OR REPLACE FUNCTION dw_redshift.listed(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
BEGIN
  IF octet_length(value) > 65535 THEN
    RAISE EXCEPTION 'list' USING ERRCODE = '54DWL';
  END IF;
  RETURN value;
END
$body$;

CREATE OR REPLACE FUNCTION dw_redshift.too_long(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
  RAISE EXCEPTION 'text' USING ERRCODE = '54DWT';
END
$body$;

-- Text that was made of others, which is an error beyond the longest VARCHAR too; the planner writes it out where it is called.
CREATE OR REPLACE FUNCTION dw_redshift.short(value text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(value) > 65535 THEN dw_redshift.too_long(value) ELSE value END;

-- The characters of a longer text that fit into so many bytes.
CREATE OR REPLACE FUNCTION dw_redshift.beginning(value text, most integer)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  bytes bytea := convert_to(value, 'UTF8');
  ending integer := most;
BEGIN
  WHILE get_byte(bytes, ending) & 192 = 128 LOOP
    ending := ending - 1;
  END LOOP;
  RETURN convert_from(substr(bytes, 1, ending), 'UTF8');
END
$body$;

-- Text that is cut after so many bytes; the planner writes it out where it is called.
CREATE OR REPLACE FUNCTION dw_redshift.cut(value text, most integer)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(value) <= most THEN value ELSE dw_redshift.beginning(value, most) END;

CREATE OR REPLACE FUNCTION dw_redshift.octetindex(needle text, hay text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN position(convert_to(needle, 'UTF8') IN convert_to(hay, 'UTF8'));

CREATE OR REPLACE FUNCTION dw_redshift.quote_literal(value text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '''' || replace(replace(value, '\', '\\'), '''', '''''') || '''';

-- Castagnoli's CRC-32, in hexadecimal digits.
CREATE OR REPLACE FUNCTION dw_redshift.crc32(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  bytes bytea := convert_to(value, 'UTF8');
  state bigint := 4294967295;
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    state := state # get_byte(bytes, i);
    FOR bit IN 1 .. 8 LOOP
      state := (state >> 1) # CASE state & 1 WHEN 1 THEN 2197175160 ELSE 0 END;
    END LOOP;
  END LOOP;
  RETURN lpad(to_hex(state # 4294967295), 8, '0');
END
$body$;

-- American Soundex: the first letter and three digits; H and W do not part letters of one digit.
CREATE OR REPLACE FUNCTION dw_redshift.soundex(value text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  letters text := regexp_replace(upper(value COLLATE "C"), '[^A-Z]', '', 'g');
  code text := left(letters, 1);
  last text := translate(code, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202');
  digit text;
BEGIN
  FOR i IN 2 .. length(letters) LOOP
    CONTINUE WHEN substr(letters, i, 1) IN ('H', 'W');
    digit := translate(substr(letters, i, 1), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202');
    code := code || CASE WHEN digit NOT IN ('0', last) THEN digit ELSE '' END;
    last := digit;
  END LOOP;
  RETURN CASE WHEN code = '' THEN '' ELSE rpad(left(code, 4), 4, '0') END;
END
$body$;

-- How many places of two Soundex codes agree.
CREATE OR REPLACE FUNCTION dw_redshift.difference(one text, other text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (substr(dw_redshift.soundex(one), 1, 1) = substr(dw_redshift.soundex(other), 1, 1))::integer
  + (substr(dw_redshift.soundex(one), 2, 1) = substr(dw_redshift.soundex(other), 2, 1))::integer
  + (substr(dw_redshift.soundex(one), 3, 1) = substr(dw_redshift.soundex(other), 3, 1))::integer
  + (substr(dw_redshift.soundex(one), 4, 1) = substr(dw_redshift.soundex(other), 4, 1))::integer;

CREATE OR REPLACE FUNCTION dw_redshift.regexp_count(value text, pattern text, place integer, flags text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.regexp_count(value, pattern, place, flags);

CREATE OR REPLACE FUNCTION dw_redshift.regexp_instr(
  value text, pattern text, place integer, occurrence integer, ending integer, flags text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.regexp_instr(value, pattern, place, occurrence, ending, flags);

CREATE OR REPLACE FUNCTION dw_redshift.regexp_substr(
  value text, pattern text, place integer, occurrence integer, flags text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NOT NULL
  THEN coalesce(pg_catalog.regexp_substr(value, pattern, place, occurrence, flags), '') END;

-- FNV-1a over bytes in 64 bits, from a seed.
CREATE OR REPLACE FUNCTION dw_redshift.fnv_hash(bytes bytea, seed bigint)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  state numeric;
  signed bigint := seed;
BEGIN
  FOR i IN 0 .. length(bytes) - 1 LOOP
    state := mod((signed # get_byte(bytes, i))::numeric * 1099511628211, 18446744073709551616);
    state := CASE WHEN state < 0 THEN state + 18446744073709551616 ELSE state END;
    signed := (CASE WHEN state >= 9223372036854775808 THEN state - 18446744073709551616 ELSE state END)::bigint;
  END LOOP;
  RETURN signed;
END
$body$;

-- Bytes of an integer, the lowest first.
CREATE OR REPLACE FUNCTION dw_redshift.little_endian(value bigint, width integer)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT string_agg(set_byte('\x00', 0, ((value >> (8 * i)) & 255)::integer), ''::bytea ORDER BY i)
  FROM generate_series(0, width - 1) AS i);

-- MurmurHash3 in 32 bits, signed.
CREATE OR REPLACE FUNCTION dw_redshift.murmur3(bytes bytea, seed bigint)
RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  mask CONSTANT bigint := 4294967295;
  state bigint := seed & mask;
  total integer := length(bytes);
  block bigint;
  here integer;
BEGIN
  FOR i IN 0 .. (total + 3) / 4 - 1 LOOP
    here := least(4, total - i * 4);
    block := 0;
    FOR j IN 0 .. here - 1 LOOP
      block := block | (get_byte(bytes, i * 4 + j)::bigint << (8 * j));
    END LOOP;
    block := mod(block::numeric * 3432918353, 4294967296)::bigint;
    block := ((block << 15) | (block >> 17)) & mask;
    state := state # mod(block::numeric * 461845907, 4294967296)::bigint;
    IF here = 4 THEN
      state := ((state << 13) | (state >> 19)) & mask;
      state := (state * 5 + 3864292196) & mask;
    END IF;
  END LOOP;
  state := state # total;
  state := mod((state # (state >> 16))::numeric * 2246822507, 4294967296)::bigint;
  state := mod((state # (state >> 13))::numeric * 3266489909, 4294967296)::bigint;
  state := state # (state >> 16);
  RETURN CASE WHEN state >= 2147483648 THEN state - 4294967296 ELSE state END;
END
$body$;

-- Whether a text can be read as a type.
-- from 16
CREATE OR REPLACE FUNCTION dw_redshift.readable(value text, type text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_input_is_valid(value, type);

-- Whether a text can be read as a type.
-- before 16
CREATE OR REPLACE FUNCTION dw_redshift.readable(value text, type text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $body$
BEGIN
  EXECUTE 'SELECT $1::' || type::regtype USING value;
  RETURN true;
EXCEPTION WHEN data_exception THEN
  RETURN false;
END
$body$;

-- Number of digits whose sign stands behind them.
CREATE OR REPLACE FUNCTION dw_redshift.signed_behind(value text)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value LIKE '%-' THEN -rtrim(value, '-')::bigint ELSE rtrim(value, '+')::bigint END;

-- A month or a day beyond its end goes on into the next one; the pattern's groups are named by their places.
CREATE OR REPLACE FUNCTION dw_redshift.lenient_date(value text, format text, pattern text, places integer[])
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ pattern THEN (SELECT make_date(found[places[1]]::integer, 1, 1)
  + make_interval(months => found[places[2]]::integer - 1) + make_interval(days => found[places[3]]::integer - 1)
  FROM regexp_match(value, pattern) AS found)::date ELSE to_date(value, format) END;

-- Order of two intervals, by months of 30 days.
CREATE OR REPLACE FUNCTION dw_redshift.interval_order(one text, other text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN one::interval < other::interval THEN -1 WHEN one::interval > other::interval THEN 1
  WHEN one::interval = other::interval THEN 0 END;

CREATE OR REPLACE FUNCTION dw_redshift.moment_order(one timestamp, other timestamp)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN one < other THEN -1 WHEN one > other THEN 1 WHEN one = other THEN 0 END;

-- SHA-1 in hexadecimal digits.
CREATE OR REPLACE FUNCTION dw_redshift.sha1(bytes bytea)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  mask CONSTANT bigint := 4294967295;
  padded bytea := bytes || '\x80'::bytea || decode(repeat('00', (119 - length(bytes) % 64) % 64), 'hex')
    || int8send(length(bytes)::bigint * 8);
  state bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  w bigint[];
  s bigint[];
  mixed bigint;
BEGIN
  FOR chunk IN 0 .. length(padded) / 64 - 1 LOOP
    FOR i IN 0 .. 15 LOOP
      w[i] := ('x' || encode(substr(padded, chunk * 64 + i * 4 + 1, 4), 'hex'))::bit(32)::bigint & mask;
    END LOOP;
    FOR i IN 16 .. 79 LOOP
      mixed := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
      w[i] := ((mixed << 1) | (mixed >> 31)) & mask;
    END LOOP;
    s := state;
    FOR i IN 0 .. 79 LOOP
      mixed := CASE i / 20
        WHEN 0 THEN ((s[2] & s[3]) | ((s[2] # mask) & s[4])) + 1518500249
        WHEN 1 THEN (s[2] # s[3] # s[4]) + 1859775393
        WHEN 2 THEN ((s[2] & s[3]) | (s[2] & s[4]) | (s[3] & s[4])) + 2400959708
        ELSE (s[2] # s[3] # s[4]) + 3395469782 END;
      mixed := ((((s[1] << 5) | (s[1] >> 27)) & mask) + mixed + s[5] + w[i]) & mask;
      s := ARRAY[mixed, s[1], ((s[2] << 30) | (s[2] >> 2)) & mask, s[3], s[4]];
    END LOOP;
    FOR i IN 1 .. 5 LOOP
      state[i] := (state[i] + s[i]) & mask;
    END LOOP;
  END LOOP;
  RETURN lpad(to_hex(state[1]), 8, '0') || lpad(to_hex(state[2]), 8, '0') || lpad(to_hex(state[3]), 8, '0')
    || lpad(to_hex(state[4]), 8, '0') || lpad(to_hex(state[5]), 8, '0');
END
$body$;
