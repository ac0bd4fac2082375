-- Family: Math functions

-- Page: Mathematical operator symbols, r_OPERATOR_SYMBOLS.html
SELECT 2 + 3 * 4, -7 / 2, 7 % 4, -7 % 4;
-- EXACT [[14, -3, 3, -3]]
SELECT 2 ^ 3, |/ 25, ||/ 27;
-- EXACT [[8, 5, 3]]
SELECT 4 & 6, 4 | 1, 5 # 1, ~1, 1 << 4, 8 >> 2;
-- EXACT [[4, 5, 4, -2, 16, 2]]
SELECT 1 / 0;
-- FAILS
SELECT 5 + NULL, NULL * 2;
-- EXACT [[null, null]]

-- Page: Computations with numeric values, r_numeric_computations201.html
SELECT 1.5 * 2.25, 3 * 0.5;
-- EXACT [["3.375", "1.5"]]
SELECT 10.5::decimal(5,2) + 1.255::decimal(6,3);
-- EXACT "11.755"
SELECT 10::float / 4, 1e2 * 2;
-- EXACT [[2.5, 200]]
SELECT 10.00::decimal(8,2) / 4.00::decimal(8,2);
-- APPROXIMATE "2.500000000"

-- Page: ABS function, r_ABS.html
SELECT ABS(-38), ABS(14 - 76), ABS(-1.25), ABS(NULL);
-- EXACT [[38, 62, "1.25", null]]

-- Page: ACOS function, r_ACOS.html
SELECT ACOS(1), ACOS(-1);
-- EXACT [[0, 3.141592653589793]]

-- Page: ASIN function, r_ASIN.html
SELECT ASIN(1), ASIN(NULL);
-- EXACT [[1.5707963267948966, null]]

-- Page: ATAN function, r_ATAN.html
SELECT ATAN(1) * 4, ATAN(0);
-- EXACT [[3.141592653589793, 0]]

-- Page: ATAN2 function, r_ATAN2.html
SELECT ATAN2(2, 2) * 4, ATAN2(0, 1);
-- EXACT [[3.141592653589793, 0]]

-- Page: CBRT function, r_CBRT.html
SELECT CBRT(27), CBRT(-8), CBRT(NULL);
-- EXACT [[3, -2, null]]

-- Page: CEILING (or CEIL) function, r_CEILING_FLOOR.html
SELECT CEILING(28.05), CEIL(-28.05), CEIL(3);
-- EXACT [[29, -28, 3]]
SELECT CEIL(2.000001::float), CEIL(NULL);
-- EXACT [[3, null]]

-- Page: COS function, r_COS.html
SELECT COS(0), COS(PI());
-- EXACT [[1, -1]]

-- Page: COT function, r_COT.html
SELECT COT(1), COT(NULL);
-- EXACT [[0.6420926159343306, null]]

-- Page: DEGREES function, r_DEGREES.html
SELECT DEGREES(PI()), DEGREES(.5);
-- EXACT [[180, 28.64788975654116]]

-- Page: DEXP function, r_DEXP.html
SELECT DEXP(0), EXP(1);
-- EXACT [[1, 2.718281828459045]]

-- Page: DLOG1 function, r_DLOG1.html
SELECT DLOG1(EXP(2)), LN(1);
-- EXACT [[2, 0]]

-- Page: DLOG10 function, r_DLOG10.html
SELECT DLOG10(100), DLOG10(NULL);
-- EXACT [[2, null]]

-- Page: FLOOR function, r_FLOOR.html
SELECT FLOOR(28.05), FLOOR(-28.05), FLOOR(-1.5::float);
-- EXACT [[28, -29, -2]]

-- Page: LN function, r_LN.html
SELECT LN(2.718281828459045), LN(0);
-- FAILS
SELECT LN(10);
-- EXACT 2.302585092994046

-- Page: LOG function, r_LOG.html
SELECT LOG(100), LOG(1), LOG(NULL);
-- EXACT [[2, 0, null]]
SELECT LOG(2, 8);
-- EXACT 3

-- Page: MOD function, r_MOD.html
SELECT MOD(10, 4), MOD(-10, 4), MOD(10, NULL);
-- EXACT [[2, -2, null]]
SELECT MOD(10.5, 4);
-- EXACT 2.5
SELECT MOD(1, 0);
-- FAILS

-- Page: PI function, r_PI.html
SELECT PI();
-- EXACT 3.141592653589793

-- Page: POWER function, r_POWER.html
SELECT POWER(2, 10), POW(9, 0.5), POWER(2, -1);
-- EXACT [[1024, 3, 0.5]]

-- Page: RADIANS function, r_RADIANS.html
SELECT RADIANS(180), RADIANS(0);
-- EXACT [[3.141592653589793, 0]]

-- Page: RANDOM function, r_RANDOM.html
SELECT COUNT(*) FROM (SELECT RANDOM() AS r FROM sales) AS t WHERE r >= 0 AND r < 1;
-- EXACT 9
SELECT COUNT(DISTINCT r) > 1 FROM (SELECT RANDOM() AS r FROM sales) AS t;
-- EXACT true

-- Page: ROUND function, r_ROUND.html
SELECT ROUND(28.05), ROUND(28.05, 1), ROUND(-2.5);
-- EXACT [[28, 28.1, -3]]
SELECT ROUND(1234, -2), ROUND(1250.5, -2), ROUND(NULL, 1);
-- EXACT [[1200, 1300, null]]
SELECT ROUND(2.5::float), ROUND(0.125::float, 2);
-- EXACT [[3, 0.13]]

-- Page: SIGN function, r_SIGN.html
SELECT SIGN(-28.05), SIGN(0), SIGN(3), SIGN(NULL);
-- EXACT [[-1, 0, 1, null]]

-- Page: SIN function, r_SIN.html
SELECT SIN(0), SIN(PI() / 2);
-- EXACT [[0, 1]]

-- Page: SQRT function, r_SQRT.html
SELECT SQRT(16), SQRT(2), SQRT(NULL);
-- EXACT [[4, 1.4142135623730951, null]]
SELECT SQRT(-1);
-- FAILS

-- Page: TAN function, r_TAN.html
SELECT TAN(0), TAN(NULL);
-- EXACT [[0, null]]

-- Page: TRUNC function, r_TRUNC.html
SELECT TRUNC(111.86), TRUNC(111.86, 1), TRUNC(-43.15);
-- EXACT [[111, 111.8, -43]]
SELECT TRUNC(1999, -3), TRUNC(NULL);
-- EXACT [[1000, null]]
