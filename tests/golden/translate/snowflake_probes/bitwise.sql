-- Family: Bitwise expression functions

-- Page: BITAND, functions/bitand
SELECT BITAND(1, 1), BITAND(2, 4), BITAND(16, 24), BITAND(1, NULL);
-- EXACT [[1, 0, 16, null]]

-- Page: BITOR, functions/bitor
SELECT BITOR(1, 1), BITOR(1, 2), BITOR(16, 24);
-- EXACT [[1, 3, 24]]

-- Page: BITXOR, functions/bitxor
SELECT BITXOR(1, 1), BITXOR(1, 2), BITXOR(16, 24);
-- EXACT [[0, 3, 8]]

-- Page: BITNOT, functions/bitnot
SELECT BITNOT(1), BITNOT(0), BITNOT(-17);
-- EXACT [[-2, -1, 16]]

-- Page: BITSHIFTLEFT, functions/bitshiftleft
SELECT BITSHIFTLEFT(1, 1), BITSHIFTLEFT(1, 4), BITSHIFTRIGHT(16, 3);
-- EXACT [[2, 16, 2]]

-- Page: GETBIT, functions/getbit
SELECT GETBIT(11, 3), GETBIT(11, 2), GETBIT(11, 0);
-- EXACT [[1, 0, 1]]
