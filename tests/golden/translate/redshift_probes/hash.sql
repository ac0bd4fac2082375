-- Family: Hash functions

-- Page: CHECKSUM function, r_CHECKSUM.html
SELECT CHECKSUM(NULL);
-- REFUSED 0

-- Page: farmFingerprint64 function, r_FARMFINGERPRINT64.html
SELECT FARMFINGERPRINT64('Amazon Redshift');
-- REFUSED 8085098817162212970

-- Page: FUNC_SHA1 function, FUNC_SHA1.html
SELECT FUNC_SHA1('Amazon Redshift') = SHA1('Amazon Redshift'), FUNC_SHA1(NULL);
-- EXACT [[true, null]]

-- Page: FNV_HASH function, r_FNV_HASH.html
SELECT FNV_HASH('Amazon Redshift');
-- EXACT 7783490368944507294
SELECT FNV_HASH(1);
-- EXACT -5968735742475085980
SELECT FNV_HASH('Amazon Redshift', 1) = FNV_HASH('Amazon Redshift', 1), FNV_HASH('a', 1) = FNV_HASH('a', 2);
-- EXACT [[true, false]]
SELECT FNV_HASH('', FNV_HASH('a')) = FNV_HASH('a'), FNV_HASH('b', FNV_HASH('a')) = FNV_HASH('ab');
-- EXACT [[true, true]]

-- Page: MD5 function, r_MD5.html
SELECT MD5('Amazon Redshift');
-- EXACT "f7415e33f972c03abd4f3fed36748f7a"
SELECT MD5(''), MD5(NULL);
-- EXACT [["d41d8cd98f00b204e9800998ecf8427e", null]]
SELECT MD5('é');
-- EXACT "66ddcd97cfdeabb2f6fb8a999b4bc76f"

-- Page: SHA and SHA1 functions, SHA1.html
SELECT SHA1('Amazon Redshift'), SHA('Amazon Redshift') = SHA1('Amazon Redshift');
-- EXACT [["eeac5ed1e11cda66032c30ad77b25071b5487f55", true]]
SELECT SHA1(''), SHA1(NULL);
-- EXACT [["da39a3ee5e6b4b0d3255bfef95601890afd80709", null]]

-- Page: SHA2 function, SHA2.html
SELECT SHA2('Amazon Redshift', 256);
-- EXACT "15013dc10bc5b293f1f66ea28d818387f191cafeb26f89639fae0b4acf9c8772"
SELECT SHA2('abc', 224), SHA2('abc', 0) = SHA2('abc', 256), SHA2(NULL, 256);
-- EXACT [["23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7", true, null]]
SELECT LEN(SHA2('abc', 384)), LEN(SHA2('abc', 512));
-- EXACT [[96, 128]]

-- Page: MURMUR3_32_HASH function, MURMUR3_32_HASH.html
SELECT MURMUR3_32_HASH('Amazon Redshift');
-- EXACT -1563580564
SELECT MURMUR3_32_HASH(''), MURMUR3_32_HASH(NULL);
-- EXACT [[0, null]]
SELECT MURMUR3_32_HASH('hello'), MURMUR3_32_HASH('a', 1) = MURMUR3_32_HASH('a', 1);
-- EXACT [[613153351, true]]
