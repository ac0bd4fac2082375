-- Family: Hash and encoding functions

-- Page: MD5, MD5_HEX, functions/md5
SELECT MD5('Snowflake'), MD5_HEX(''), MD5(NULL);
-- EXACT [["edf1439075a83a447fb8b630ddc9c8de", "d41d8cd98f00b204e9800998ecf8427e", null]]

-- Page: SHA1, SHA1_HEX, functions/sha1
SELECT SHA1('Snowflake'), SHA1_HEX('abc');
-- EXACT [["fda76b0bcc1e87cf259b1d1e3271d76f590fb5dd", "a9993e364706816aba3e25717850c26c9cd0d89d"]]

-- Page: SHA2, SHA2_HEX, functions/sha2
SELECT SHA2('abc', 256), SHA2('abc'), SHA2(NULL);
-- EXACT [["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", null]]

-- Page: BASE64_ENCODE, functions/base64_encode
SELECT BASE64_ENCODE('Snowflake'), BASE64_ENCODE(''), BASE64_ENCODE(NULL);
-- EXACT [["U25vd2ZsYWtl", "", null]]

-- Page: BASE64_DECODE_STRING, functions/base64_decode_string
SELECT BASE64_DECODE_STRING('U25vd2ZsYWtl'), BASE64_DECODE_STRING(BASE64_ENCODE('é'));
-- EXACT [["Snowflake", "é"]]

-- Page: HEX_ENCODE, functions/hex_encode
SELECT HEX_ENCODE('SNOW'), HEX_ENCODE(''), HEX_DECODE_STRING('534E4F57');
-- EXACT [["534E4F57", "", "SNOW"]]

-- Page: HASH, functions/hash
SELECT HASH(NULL) = HASH(NULL), HASH(1) = HASH(1), HASH('a') = HASH('b');
-- REFUSED [[true, true, false]]
