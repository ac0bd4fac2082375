-- Family: Numeric functions

-- Page: ABS, functions/abs
SELECT ABS(0), ABS(10), ABS(-2), ABS(-1.25), ABS(NULL);
-- EXACT [[0, 10, 2, "1.25", null]]

-- Page: CEIL, functions/ceil
SELECT CEIL(135.135), CEIL(-975.975), CEIL(3);
-- EXACT [[136, -975, 3]]

-- Page: FLOOR, functions/floor
SELECT FLOOR(135.135), FLOOR(-975.975), FLOOR(NULL);
-- EXACT [[135, -976, null]]

-- Page: DIV0, functions/div0
SELECT DIV0(1, 2), DIV0(10, 0), DIV0(10, NULL);
-- EXACT [["0.500000", "0.000000", null]]

-- Page: DIV0NULL, functions/div0null
SELECT DIV0NULL(1, 2), DIV0NULL(10, 0), DIV0NULL(10, NULL);
-- EXACT [["0.500000", "0.000000", "0.000000"]]

-- Page: MOD, functions/mod
SELECT MOD(3, 2), MOD(4.5, 1.2), MOD(-7, 3);
-- EXACT [[1, "0.9", -1]]
SELECT MOD(1, 0);
-- FAILS

-- Page: ROUND, functions/round
SELECT ROUND(135.135), ROUND(-975.975), ROUND(2.5), ROUND(-2.5);
-- EXACT [[135, -976, 3, -3]]
SELECT ROUND(135.135, 2), ROUND(135.135, -2), ROUND(135.135, NULL);
-- EXACT [[135.14, 100, null]]
SELECT ROUND(135.135, 1), ROUND(2.345, 2), ROUND(1250, -2);
-- EXACT [["135.1", "2.35", 1300]]

-- Page: SIGN, functions/sign
SELECT SIGN(5), SIGN(-1.35e-10), SIGN(0), SIGN(NULL);
-- EXACT [[1, -1, 0, null]]

-- Page: TRUNCATE, TRUNC, functions/trunc
SELECT TRUNC(-975.975, 2), TRUNC(135.135, 0), TRUNCATE(-975.975, 1);
-- EXACT [["-975.97", 135, "-975.9"]]

-- Page: CBRT, functions/cbrt
SELECT CBRT(0), CBRT(8), CBRT(-27), CBRT(NULL);
-- EXACT [[0, 2, -3, null]]

-- Page: EXP, functions/exp
SELECT EXP(0), EXP(1), EXP(NULL);
-- EXACT [[1, 2.718281828459045, null]]

-- Page: FACTORIAL, functions/factorial
SELECT FACTORIAL(0), FACTORIAL(1), FACTORIAL(5);
-- EXACT [[1, 1, 120]]

-- Page: POW, POWER, functions/pow
SELECT POW(2, 3), POWER(2, 0.5), POW(NULL, 2);
-- EXACT [[8, 1.4142135623730951, null]]

-- Page: SQRT, functions/sqrt
SELECT SQRT(0), SQRT(2), SQRT(NULL);
-- EXACT [[0, 1.4142135623730951, null]]
SELECT SQRT(-1);
-- FAILS

-- Page: SQUARE, functions/square
SELECT SQUARE(0), SQUARE(-2), SQUARE(3.15), SQUARE(NULL);
-- EXACT [[0, 4, 9.9225, null]]

-- Page: LN, functions/ln
SELECT LN(1), LN(10), LN(NULL);
-- EXACT [[0, 2.302585092994046, null]]
SELECT LN(0);
-- FAILS

-- Page: LOG, functions/log
SELECT LOG(10, 100), LOG(2, 8), LOG(10, NULL);
-- EXACT [[2, 3, null]]

-- Page: ACOS, functions/acos
SELECT ACOS(1), ACOS(0.5), ASIN(0), ASIN(0.5);
-- EXACT [[0, 1.0471975511965979, 0, 0.5235987755982989]]

-- Page: ATAN2, functions/atan2
SELECT ATAN2(5, 5), ATAN(1), COT(1.0471975511965977);
-- EXACT [[0.7853981633974483, 0.7853981633974483, 0.5773502691896258]]

-- Page: SINH, functions/sinh
SELECT SINH(1.5), COSH(0), TANH(0.5);
-- EXACT [[2.1292794550948173, 1, 0.46211715726000973]]

-- Page: DEGREES, functions/degrees
SELECT DEGREES(PI()), RADIANS(180), DEGREES(NULL);
-- EXACT [[180, 3.141592653589793, null]]

-- Page: WIDTH_BUCKET, functions/width_bucket
SELECT WIDTH_BUCKET(5, 0, 10, 5), WIDTH_BUCKET(-1, 0, 10, 5), WIDTH_BUCKET(10, 0, 10, 5);
-- EXACT [[3, 0, 6]]
