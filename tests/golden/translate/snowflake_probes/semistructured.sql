-- Family: Semi-structured data functions

-- Page: Querying semi-structured data, querying-semistructured
SELECT body:name::VARCHAR, body:home.city::VARCHAR FROM docs WHERE doc_id = 1;
-- EXACT [["Ada", "Ulm"]]
SELECT body:age::INT, body['name']::VARCHAR FROM docs WHERE doc_id = 1;
-- EXACT [[36, "Ada"]]
SELECT body:nothing, body:tags[0]::VARCHAR FROM docs WHERE doc_id = 1;
-- EXACT [[null, "x"]]
SELECT body[1]::INT FROM docs WHERE doc_id = 3;
-- EXACT 2
SELECT body:tags FROM docs WHERE doc_id = 1;
-- EXACT [[["x", "y"]]]

-- Page: PARSE_JSON, functions/parse_json
SELECT PARSE_JSON('{"a": [1, 2]}'), PARSE_JSON(NULL);
-- EXACT [[{"a": [1, 2]}, null]]
SELECT PARSE_JSON('{"a":');
-- FAILS

-- Page: TRY_PARSE_JSON, functions/try_parse_json
SELECT TRY_PARSE_JSON('{"a":'), TRY_PARSE_JSON('[1]');
-- EXACT [[null, [1]]]

-- Page: GET, functions/get
SELECT GET(body, 'name')::VARCHAR, GET(body, 'none') FROM docs WHERE doc_id = 1;
-- EXACT [["Ada", null]]

-- Page: GET_PATH, functions/get_path
SELECT GET_PATH(body, 'home.city')::VARCHAR FROM docs WHERE doc_id = 1;
-- EXACT "Ulm"

-- Page: ARRAY_CONSTRUCT, functions/array_construct
SELECT ARRAY_CONSTRUCT(1, 2, 3), ARRAY_CONSTRUCT();
-- EXACT [[[1, 2, 3], []]]

-- Page: ARRAY_SIZE, functions/array_size
SELECT ARRAY_SIZE(body:tags), ARRAY_SIZE(body:name) FROM docs WHERE doc_id = 1;
-- EXACT [[2, null]]

-- Page: ARRAY_CONTAINS, functions/array_contains
SELECT ARRAY_CONTAINS('hello'::VARIANT, ARRAY_CONSTRUCT('hello', 'hi')), ARRAY_CONTAINS(3::VARIANT, ARRAY_CONSTRUCT(1, 2));
-- REFUSED [[true, false]]

-- Page: OBJECT_CONSTRUCT, functions/object_construct
SELECT OBJECT_CONSTRUCT('a', 1, 'b', 'x'), OBJECT_CONSTRUCT('a', NULL);
-- EXACT [[{"a": 1, "b": "x"}, {}]]

-- Page: OBJECT_KEYS, functions/object_keys
SELECT OBJECT_KEYS(body) FROM docs WHERE doc_id = 2;
-- EXACT [[["age", "name", "tags"]]]

-- Page: TYPEOF, functions/typeof
SELECT TYPEOF(body), TYPEOF(body:age) FROM docs WHERE doc_id = 1;
-- REFUSED [["OBJECT", "INTEGER"]]

-- Page: ARRAY_AGG, functions/array_agg
SELECT ARRAY_AGG(qty) WITHIN GROUP (ORDER BY sale_id) FROM sales WHERE seller_id = 1;
-- EXACT [[[10, 10, 30]]]

-- Page: FLATTEN, functions/flatten
SELECT f.index, f.value::INT FROM docs, LATERAL FLATTEN(input => body) f WHERE doc_id = 3 ORDER BY 1;
-- EXACT [[0, 1], [1, 2], [2, 3]]
SELECT d.doc_id, t.value::VARCHAR FROM docs d, LATERAL FLATTEN(input => d.body:tags) t WHERE doc_id = 1 ORDER BY t.index;
-- EXACT [[1, "x"], [1, "y"]]
SELECT COUNT(*) FROM docs d, LATERAL FLATTEN(input => d.body:tags) t WHERE doc_id = 2;
-- EXACT 0

-- Page: IS_ARRAY, functions/is_array
SELECT IS_ARRAY(body), IS_OBJECT(body) FROM docs WHERE doc_id IN (1, 3) ORDER BY doc_id;
-- EXACT [[false, true], [true, false]]
SELECT IS_ARRAY(PARSE_JSON(NULL)), IS_ARRAY(PARSE_JSON('"a"')), IS_OBJECT(PARSE_JSON('{}'));
-- EXACT [[null, false, true]]

-- Page: Casting from VARIANT, querying-semistructured
SELECT UPPER(body:name::VARCHAR), body:age::INT / 5 FROM docs WHERE doc_id = 1;
-- EXACT [["ADA", "7.200000"]]
SELECT SUM(body:age::INT), COUNT(body:name) FROM docs;
-- EXACT [["36", 2]]
SELECT body:age::VARCHAR, body:age IS NULL, body:none IS NULL FROM docs WHERE doc_id = 2;
-- EXACT [[null, false, true]]
