-- Family: JSON functions

-- Page: CAN_JSON_PARSE function, r_CAN_JSON_PARSE.html
SELECT CAN_JSON_PARSE('[10001,10002,"abc"]'), CAN_JSON_PARSE('[1,2');
-- EXACT [[true, false]]
SELECT CAN_JSON_PARSE(NULL), CAN_JSON_PARSE('This is a JSON string');
-- EXACT [[null, false]]

-- Page: IS_VALID_JSON function, IS_VALID_JSON.html
SELECT IS_VALID_JSON('{"a":2}'), IS_VALID_JSON('{"a":{"b":[2,1'), IS_VALID_JSON(NULL);
-- EXACT [[true, false, null]]

-- Page: IS_VALID_JSON_ARRAY function, IS_VALID_JSON_ARRAY.html
SELECT IS_VALID_JSON_ARRAY('[]'), IS_VALID_JSON_ARRAY('{"a":[1]}'), IS_VALID_JSON_ARRAY('["a",["b",1,["c",2]]]');
-- EXACT [[true, false, true]]

-- Page: JSON_ARRAY_LENGTH function, JSON_ARRAY_LENGTH.html
SELECT JSON_ARRAY_LENGTH('[11,12,13,{"f1":21,"f2":[25,26]},14]'), JSON_ARRAY_LENGTH('[]');
-- EXACT [[5, 0]]
SELECT JSON_ARRAY_LENGTH('[11,12', true), JSON_ARRAY_LENGTH(NULL);
-- EXACT [[null, null]]
SELECT JSON_ARRAY_LENGTH('[11,12');
-- FAILS

-- Page: JSON_EXTRACT_ARRAY_ELEMENT_TEXT function, JSON_EXTRACT_ARRAY_ELEMENT_TEXT.html
SELECT JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111,112,113]', 2), JSON_EXTRACT_ARRAY_ELEMENT_TEXT('["a",["b",1]]', 1);
-- EXACT [["113", "[\"b\",1]"]]
SELECT JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111,112', 1, true), JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[1]', 5);
-- EXACT [[null, null]]

-- Page: JSON_EXTRACT_PATH_TEXT function, JSON_EXTRACT_PATH_TEXT.html
SELECT JSON_EXTRACT_PATH_TEXT('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}', 'f4', 'f6');
-- EXACT "star"
SELECT JSON_EXTRACT_PATH_TEXT('{"f2":{"f3":1}', 'f2', true), JSON_EXTRACT_PATH_TEXT('{"a":1}', 'b'), JSON_EXTRACT_PATH_TEXT(NULL, 'a');
-- EXACT [[null, null, null]]
SELECT JSON_EXTRACT_PATH_TEXT('{"a":{"b":[1,2]}}', 'a', 'b'), JSON_EXTRACT_PATH_TEXT('{"a":null}', 'a');
-- EXACT [["[1,2]", null]]

-- Page: JSON_PARSE function, JSON_PARSE.html
SELECT JSON_PARSE('[10001,10002,"abc"]');
-- EXACT [[[10001, 10002, "abc"]]]
SELECT JSON_PARSE('{"a":{"b":1}}'), JSON_PARSE(NULL);
-- EXACT [[{"a": {"b": 1}}, null]]
SELECT JSON_PARSE('[1,2');
-- FAILS

-- Page: JSON_SERIALIZE function, JSON_SERIALIZE.html
SELECT JSON_SERIALIZE(JSON_PARSE('[10001, 10002, "abc"]'));
-- APPROXIMATE "[10001,10002,\"abc\"]"
SELECT JSON_SERIALIZE(JSON_PARSE(NULL));
-- APPROXIMATE null

-- Page: JSON functions that find nothing, json-functions.html
SELECT JSON_EXTRACT_PATH_TEXT('{"a":""}', 'a'), JSON_EXTRACT_PATH_TEXT('{"a":true,"b":1.50}', 'b');
-- EXACT [["", "1.50"]]
SELECT JSON_EXTRACT_ARRAY_ELEMENT_TEXT('["x","y"]', 0), JSON_EXTRACT_ARRAY_ELEMENT_TEXT(NULL, 0);
-- EXACT [["x", null]]
SELECT IS_VALID_JSON(''), IS_VALID_JSON('1'), IS_VALID_JSON_ARRAY('[1,');
-- EXACT [[false, true, false]]
