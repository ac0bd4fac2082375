-- Macros of every session with Snowflake's emulator, which is DuckDB inside: what its own functions lack or answer
-- otherwise. Translations call them.

CREATE OR REPLACE TEMP MACRO _dw_half_away(tenfold) AS
  (tenfold + CASE WHEN tenfold < 0 THEN -5 ELSE 5 END) // 10;

-- Text of an integer with a point before its last `places` digits.
CREATE OR REPLACE TEMP MACRO _dw_point(whole, places) AS
  CASE WHEN whole < 0 THEN '-' ELSE '' END || (abs(whole) // (10::INT128 ** places)::INT128)::VARCHAR
  || '.' || lpad((abs(whole) % (10::INT128 ** places)::INT128)::VARCHAR, places::INTEGER, '0');

CREATE OR REPLACE TEMP MACRO _dw_over(dividend, divisor) AS
  CASE WHEN divisor = 0 THEN error('Division by zero') ELSE dividend / divisor END;

CREATE OR REPLACE TEMP MACRO _dw_ln(x) AS CASE WHEN x <= 0 THEN error('cannot take logarithm') ELSE ln(x) END;

CREATE OR REPLACE TEMP MACRO _dw_log10(x) AS CASE WHEN x <= 0 THEN error('cannot take logarithm') ELSE log10(x) END;

CREATE OR REPLACE TEMP MACRO _dw_log(base, x) AS
  CASE WHEN x <= 0 OR base <= 0 THEN error('cannot take logarithm') ELSE ln(x) / ln(base) END;

CREATE OR REPLACE TEMP MACRO _dw_sqrt(x) AS CASE WHEN x < 0 THEN error('cannot take square root') ELSE sqrt(x) END;

CREATE OR REPLACE TEMP MACRO _dw_cbrt(x) AS
  CASE WHEN round(cbrt(x)) ** 3 = x THEN round(cbrt(x)) ELSE cbrt(x) END;

CREATE OR REPLACE TEMP MACRO _dw_trim(value) AS trim(value), (value, blanks) AS trim(value, blanks);

CREATE OR REPLACE TEMP MACRO _dw_octet_length(value) AS octet_length(encode(value));

CREATE OR REPLACE TEMP MACRO _dw_upper(value) AS upper(value);

CREATE OR REPLACE TEMP MACRO _dw_lower(value) AS lower(value);

CREATE OR REPLACE TEMP MACRO _dw_initcap(value) AS
  array_to_string(list_transform(regexp_extract_all(value, '[\p{L}\p{N}]+|[^\p{L}\p{N}]+'),
    lambda word: upper(left(word, 1)) || lower(substr(word, 2))), '');

CREATE OR REPLACE TEMP MACRO _dw_regexp_replace_all(value, pattern, replacement, flags) AS
  regexp_replace(value, pattern, replacement, 'g');

CREATE OR REPLACE TEMP MACRO _dw_to_char(moment, format) AS strftime(moment, format);

CREATE OR REPLACE TEMP MACRO _dw_to_date(value, format) AS strptime(value, format)::DATE;

CREATE OR REPLACE TEMP MACRO _dw_to_timestamp(value, format) AS strptime(value, format);

CREATE OR REPLACE TEMP MACRO _dw_is_valid_json(document) AS
  CASE WHEN document IS NOT NULL THEN json_valid(document) END;

CREATE OR REPLACE TEMP MACRO _dw_is_valid_json_array(document) AS
  CASE WHEN document IS NOT NULL THEN json_valid(document) AND json_type(document) = 'ARRAY' END;

CREATE OR REPLACE TEMP MACRO _dw_json_element_text(document, place, lenient) AS
  CASE WHEN NOT lenient OR _dw_is_valid_json_array(document)
    THEN CASE WHEN place >= 0 THEN json_extract_string(document, '$[' || place || ']') END END;

CREATE OR REPLACE TEMP MACRO _dw_json_length(document, lenient) AS
  CASE WHEN NOT lenient OR _dw_is_valid_json_array(document) THEN json_array_length(document)::INTEGER END;

CREATE OR REPLACE TEMP MACRO _dw_getdate() AS date_trunc('second', now() AT TIME ZONE 'UTC');

CREATE OR REPLACE TEMP MACRO _dw_part(name, moment) AS
  CASE name WHEN 'millisecond' THEN date_part('millisecond', moment)::BIGINT % 1000
    ELSE floor(date_part(name, moment))::BIGINT END;

CREATE OR REPLACE TEMP MACRO _dw_moments(part, began, ended) AS
  CASE part
    WHEN 'week' THEN (date_trunc('week', ended)::DATE - date_trunc('week', began)::DATE) // 7
    WHEN 'microsecond' THEN epoch_us(ended) - epoch_us(began)
    WHEN 'year' THEN year(ended) - year(began)
    WHEN 'quarter' THEN (year(ended) - year(began)) * 4 + quarter(ended) - quarter(began)
    WHEN 'month' THEN (year(ended) - year(began)) * 12 + month(ended) - month(began)
    WHEN 'day' THEN ended::DATE - began::DATE
    WHEN 'hour' THEN (epoch_us(date_trunc('hour', ended)) - epoch_us(date_trunc('hour', began))) // 3600000000
    WHEN 'minute' THEN (epoch_us(date_trunc('minute', ended)) - epoch_us(date_trunc('minute', began))) // 60000000
    WHEN 'second' THEN (epoch_us(date_trunc('second', ended)) - epoch_us(date_trunc('second', began))) // 1000000
    WHEN 'millisecond' THEN
      (epoch_us(date_trunc('millisecond', ended)) - epoch_us(date_trunc('millisecond', began))) // 1000
  END;

CREATE OR REPLACE TEMP MACRO _dw_datediff(part, began, ended) AS
  _dw_moments(part, began::TIMESTAMP, ended::TIMESTAMP);

CREATE OR REPLACE TEMP MACRO _dw_dateadd(part, amount, moment) AS
  moment + CASE part
    WHEN 'year' THEN to_years(amount::INTEGER)
    WHEN 'quarter' THEN to_months((amount * 3)::INTEGER)
    WHEN 'month' THEN to_months(amount::INTEGER)
    WHEN 'week' THEN to_days((amount * 7)::INTEGER)
    WHEN 'day' THEN to_days(amount::INTEGER)
    WHEN 'hour' THEN to_hours(amount::BIGINT)
    WHEN 'minute' THEN to_minutes(amount::BIGINT)
    WHEN 'second' THEN to_microseconds(amount::BIGINT * 1000000)
    WHEN 'millisecond' THEN to_microseconds(amount::BIGINT * 1000)
    WHEN 'microsecond' THEN to_microseconds(amount::BIGINT)
  END;

CREATE OR REPLACE TEMP MACRO _dw_last_day(moment) AS last_day(moment);

CREATE OR REPLACE TEMP MACRO _dw_add_months(moment, amount) AS
  CASE WHEN moment::DATE = last_day(moment)
    THEN last_day(moment + to_months(amount::INTEGER)) + moment::TIME
    ELSE moment + to_months(amount::INTEGER) END;

CREATE OR REPLACE TEMP MACRO _dw_months_between(ended, began) AS
  _dw_datediff('month', began, ended)::DOUBLE + CASE
    WHEN day(ended) = day(began) THEN 0
    WHEN ended::DATE = last_day(ended) AND began::DATE = last_day(began) THEN 0
    ELSE (day(ended) - day(began) + (date_part('epoch', ended::TIME) - date_part('epoch', began::TIME)) / 86400) / 31
  END;

-- What Snowflake alone has.
CREATE OR REPLACE TEMP MACRO _dw_extreme(found, nulls) AS CASE WHEN nulls THEN NULL ELSE found END;

CREATE OR REPLACE TEMP MACRO _dw_whole_match(value, pattern) AS regexp_full_match(value, pattern, 's');

CREATE OR REPLACE TEMP MACRO _dw_regexp_count(value, pattern) AS
  CASE WHEN value IS NOT NULL AND pattern IS NOT NULL THEN len(regexp_extract_all(value, pattern)) END;

CREATE OR REPLACE TEMP MACRO _dw_regexp_match(value, pattern, place, occurrence) AS
  regexp_extract_all(substr(value, place), pattern)[occurrence];

CREATE OR REPLACE TEMP MACRO _dw_insert(value, place, count, other) AS
  left(value, place - 1) || other || substr(value, place + count);

CREATE OR REPLACE TEMP MACRO _dw_find(needle, hay, place) AS
  CASE WHEN strpos(substr(hay, place), needle) = 0 THEN 0 ELSE strpos(substr(hay, place), needle) + place - 1 END;

CREATE OR REPLACE TEMP MACRO _dw_last_of(part, moment) AS
  (_dw_dateadd(part, 1, date_trunc(part, moment)) - to_days(1))::DATE;

CREATE OR REPLACE TEMP MACRO _dw_next_day(moment, name, step) AS
  moment::DATE + step * (1 + ((step * (CASE lower(left(name, 2)) WHEN 'su' THEN 0 WHEN 'mo' THEN 1 WHEN 'tu' THEN 2
    WHEN 'we' THEN 3 WHEN 'th' THEN 4 WHEN 'fr' THEN 5 WHEN 'sa' THEN 6 ELSE error('no day of the week') END
    - dayofweek(moment)) - 1) % 7 + 7) % 7)::INTEGER;

CREATE OR REPLACE TEMP MACRO _dw_strtok(value, delimiters, part) AS
  nullif(list_filter(string_split_regex(value, '[' || regexp_replace(delimiters, '([\]\[\\^-])', '\\\1', 'g') || ']'),
    lambda word: word <> '')[part], '');

CREATE OR REPLACE TEMP MACRO _dw_unicode(value) AS CASE WHEN value = '' THEN 0 ELSE unicode(value) END;

CREATE OR REPLACE TEMP MACRO _dw_split_part(value, delimiter, part) AS
  split_part(value, delimiter, CASE WHEN part = 0 THEN 1 ELSE part END);

CREATE OR REPLACE TEMP MACRO _dw_regexp_instr(value, pattern) AS
  CASE WHEN value IS NULL THEN NULL WHEN regexp_matches(value, pattern)
    THEN strpos(value, regexp_extract(value, pattern)) ELSE 0 END;

CREATE OR REPLACE TEMP MACRO _dw_parse_json(value) AS
  CASE WHEN value IS NULL OR trim(value) = '' THEN NULL
    WHEN json_valid(value) THEN value::JSON ELSE error('Error parsing JSON') END;

CREATE OR REPLACE TEMP MACRO _dw_get(document, path) AS json_extract(document, path);

CREATE OR REPLACE TEMP MACRO _dw_object_keys(document) AS
  CASE WHEN json_type(document) = 'OBJECT' THEN to_json(list_sort(json_keys(document))) END;

CREATE OR REPLACE TEMP MACRO _dw_array_size(document) AS
  CASE WHEN json_type(document) = 'ARRAY' THEN json_array_length(document) END;

CREATE OR REPLACE TEMP MACRO _dw_is_kind(document, kind) AS json_type(document) = kind;

CREATE OR REPLACE TEMP MACRO _dw_document_text(document) AS json_extract_string(document, '$');

CREATE OR REPLACE TEMP MACRO _dw_width_bucket(x, low, high, buckets) AS
  CASE WHEN x < low THEN 0 WHEN x >= high THEN buckets + 1
    ELSE (floor((x - low) * buckets / (high - low)) + 1)::BIGINT END;

SELECT 1 AS READY;
