-- Family: SUPER type information functions

-- Page: DECIMAL_PRECISION function, decimal_precision.html
SELECT DECIMAL_PRECISION(JSON_PARSE('3.14159')), DECIMAL_SCALE(JSON_PARSE('3.14159'));
-- EXACT [[6, 5]]
SELECT DECIMAL_PRECISION(JSON_PARSE('"a"')), DECIMAL_SCALE(JSON_PARSE('12'));
-- EXACT [[null, 0]]

-- Page: IS_ARRAY function, is_array.html
SELECT IS_ARRAY(JSON_PARSE('[1,2]')), IS_ARRAY(JSON_PARSE('{"a":1}')), IS_ARRAY(JSON_PARSE('1'));
-- EXACT [[true, false, false]]
SELECT doc_id FROM docs WHERE IS_ARRAY(body) ORDER BY 1;
-- EXACT 3

-- Page: IS_BIGINT function, is_bigint.html
SELECT IS_BIGINT(JSON_PARSE('9223372036854775807')), IS_BIGINT(JSON_PARSE('1.5')), IS_BIGINT(JSON_PARSE('"1"'));
-- EXACT [[true, false, false]]

-- Page: IS_CHAR function, is_char.html
SELECT IS_CHAR(JSON_PARSE('"abc"')), IS_CHAR(JSON_PARSE('"é"')), IS_CHAR(JSON_PARSE('1'));
-- EXACT [[true, false, false]]

-- Page: IS_DECIMAL function, is_decimal.html
SELECT IS_DECIMAL(JSON_PARSE('1.22')), IS_DECIMAL(JSON_PARSE('"1.22"'));
-- EXACT [[true, false]]

-- Page: IS_FLOAT function, is_float.html
SELECT IS_FLOAT(JSON_PARSE('2.5'));
-- REFUSED false

-- Page: IS_INTEGER function, is_integer.html
SELECT IS_INTEGER(JSON_PARSE('5')), IS_INTEGER(JSON_PARSE('2147483648')), IS_INTEGER(JSON_PARSE('"5"'));
-- EXACT [[true, false, false]]

-- Page: IS_OBJECT function, is_object.html
SELECT IS_OBJECT(JSON_PARSE('{"a":1}')), IS_OBJECT(JSON_PARSE('[1]'));
-- EXACT [[true, false]]

-- Page: IS_SCALAR function, is_scalar.html
SELECT IS_SCALAR(JSON_PARSE('1')), IS_SCALAR(JSON_PARSE('[1]')), IS_SCALAR(JSON_PARSE('{}'));
-- EXACT [[true, false, false]]

-- Page: IS_SMALLINT function, is_smallint.html
SELECT IS_SMALLINT(JSON_PARSE('5')), IS_SMALLINT(JSON_PARSE('40000'));
-- EXACT [[true, false]]

-- Page: IS_VARCHAR function, is_varchar.html
SELECT IS_VARCHAR(JSON_PARSE('"é"')), IS_VARCHAR(JSON_PARSE('4.4'));
-- EXACT [[true, false]]

-- Page: JSON_TYPEOF function, r_json_typeof.html
SELECT JSON_TYPEOF(ARRAY(1, 2)), JSON_TYPEOF(OBJECT('a', 1)), JSON_TYPEOF(JSON_PARSE('"s"'));
-- EXACT [["array", "object", "string"]]
SELECT JSON_TYPEOF(JSON_PARSE('true')), JSON_TYPEOF(JSON_PARSE('1.5')), JSON_TYPEOF(JSON_PARSE('null'));
-- EXACT [["boolean", "number", "null"]]
