-- Family: VARBYTE functions

-- Page: FROM_HEX function, r_FROM_HEX.html
SELECT TO_HEX(FROM_HEX('6162')), FROM_VARBYTE(FROM_HEX('6162'), 'utf8');
-- EXACT [["6162", "ab"]]

-- Page: FROM_VARBYTE function, r_FROM_VARBYTE.html
SELECT FROM_VARBYTE('abc'::varbyte, 'hex'), FROM_VARBYTE(NULL, 'hex');
-- EXACT [["616263", null]]

-- Page: TO_HEX function, r_TO_HEX.html
SELECT TO_HEX('abc'::varbyte), TO_HEX(''::varbyte);
-- EXACT [["616263", ""]]

-- Page: TO_VARBYTE function, r_TO_VARBYTE.html
SELECT TO_HEX(TO_VARBYTE('abc', 'utf8')), TO_HEX(TO_VARBYTE('616263', 'hex'));
-- EXACT [["616263", "616263"]]
SELECT OCTET_LENGTH('é'::varbyte);
-- EXACT 2

-- Page: VARBYTE type, r_VARBYTE_type.html
SELECT FROM_HEX('FF') = FROM_HEX('ff'), FROM_HEX(NULL) IS NULL;
-- EXACT [[true, true]]
SELECT FROM_HEX('zz');
-- FAILS
