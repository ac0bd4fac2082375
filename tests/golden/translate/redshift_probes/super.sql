-- Family: SUPER, array and object functions

-- Page: ARRAY function, r_array.html
SELECT ARRAY(1, 50, NULL, 100), ARRAY();
-- EXACT [[[1, 50, null, 100], []]]
SELECT ARRAY('x', 12, TRUE, ARRAY(2));
-- EXACT [[["x", 12, true, [2]]]]

-- Page: ARRAY_CONCAT function, r_array_concat.html
SELECT ARRAY_CONCAT(ARRAY(10001, 10002), ARRAY(10003, 10004));
-- EXACT [[[10001, 10002, 10003, 10004]]]
SELECT ARRAY_CONCAT(ARRAY(), ARRAY(ARRAY(1)));
-- EXACT [[[[1]]]]

-- Page: ARRAY_FLATTEN function, array_flatten.html
SELECT ARRAY_FLATTEN(ARRAY(1, ARRAY(2, ARRAY(3), ARRAY()), 4));
-- EXACT [[[1, 2, 3, 4]]]

-- Page: GET_ARRAY_LENGTH function, get_array_length.html
SELECT GET_ARRAY_LENGTH(ARRAY(1, 2, 3)), GET_ARRAY_LENGTH(ARRAY());
-- EXACT [[3, 0]]
SELECT GET_ARRAY_LENGTH(body.tags) FROM docs WHERE doc_id = 1;
-- EXACT 2

-- Page: SPLIT_TO_ARRAY function, split_to_array.html
SELECT SPLIT_TO_ARRAY('12|345|6789', '|'), SPLIT_TO_ARRAY('a,b');
-- EXACT [[["12", "345", "6789"], ["a", "b"]]]

-- Page: SUBARRAY function, r_subarray.html
SELECT SUBARRAY(ARRAY('a', 'b', 'c', 'd', 'e'), 2, 3), SUBARRAY(ARRAY(1, 2, 3), 1);
-- EXACT [[["c", "d", "e"], [2, 3]]]

-- Page: OBJECT function, r_object_function.html
SELECT OBJECT('a', 1, 'b', TRUE), OBJECT();
-- EXACT [[{"a": 1, "b": true}, {}]]
SELECT OBJECT('k', ARRAY(1), 'n', NULL);
-- EXACT [[{"k": [1], "n": null}]]

-- Page: LOWER_ATTRIBUTE_NAMES function, r_lower_attribute_names.html
SELECT LOWER_ATTRIBUTE_NAMES(OBJECT('AttributeName', 'Value')), UPPER_ATTRIBUTE_NAMES(OBJECT('a', OBJECT('b', 1)));
-- EXACT [[{"attributename": "Value"}, {"A": {"B": 1}}]]

-- Page: Navigation, query-super.html
SELECT d.body.name, d.body.home.city FROM docs d WHERE d.doc_id = 1;
-- EXACT [["\"Ada\"", "\"Ulm\""]]
SELECT body.tags[0], body.tags[5] FROM docs WHERE doc_id = 1;
-- EXACT [["\"x\"", null]]
SELECT d.body[1] FROM docs d WHERE doc_id = 3;
-- EXACT "2"
SELECT d.body.nothing.there FROM docs d WHERE doc_id = 1;
-- EXACT null
SELECT d.body.age::int + 1, d.body.name::varchar FROM docs d WHERE doc_id = 1;
-- EXACT [[37, "Ada"]]
SELECT doc_id FROM docs d WHERE d.body.name = 'Bob' OR d.body.age > 30 ORDER BY 1;
-- EXACT [[1], [2]]

-- Page: Unnesting queries, query-super.html
SELECT d.doc_id, t FROM docs d, d.body.tags t WHERE d.doc_id < 3 ORDER BY 1, t::varchar;
-- EXACT [[1, "\"x\""], [1, "\"y\""]]
SELECT i, e FROM docs d, d.body AS e AT i WHERE d.doc_id = 3 ORDER BY 1;
-- EXACT [[0, "1"], [1, "2"], [2, "3"]]
SELECT COUNT(*) FROM docs d, d.body.tags t;
-- EXACT 2
SELECT k, JSON_TYPEOF(v) FROM docs d, UNPIVOT d.body.home AS v AT k WHERE doc_id = 1 ORDER BY 1;
-- EXACT [["city", "string"], ["zip", "number"]]

-- Page: Dynamic typing and lax semantics, query-super.html
SELECT doc_id FROM docs d WHERE d.body.age IS NULL ORDER BY 1;
-- EXACT [[2], [3], [4]]
SELECT doc_id FROM docs d WHERE d.body.home.zip = 89073;
-- EXACT 1
SELECT COUNT(*) FROM docs d WHERE d.body.name = 36 OR d.body.age = '36';
-- EXACT 0
SELECT NVL(d.body.age::int, 0), NVL(d.body.name, 'none') FROM docs d WHERE d.doc_id IN (2, 3) ORDER BY d.doc_id;
-- EXACT [[0, "\"Bob\""], [0, "\"none\""]]
SELECT d.body.age + 1 FROM docs d WHERE d.doc_id = 1;
-- EXACT "37"
SELECT d.body.home.city::varchar AS city, COUNT(*) FROM docs d GROUP BY 1 ORDER BY 1;
-- EXACT [["Ulm", 1], [null, 3]]
SELECT SUM(e::int) FROM docs d, d.body e WHERE d.doc_id = 3;
-- EXACT 6
SELECT d.doc_id, e FROM docs d LEFT JOIN d.body.tags e ON TRUE WHERE d.doc_id IN (1, 4) ORDER BY 1, e::varchar;
-- EXACT [[1, "\"x\""], [1, "\"y\""], [4, null]]
