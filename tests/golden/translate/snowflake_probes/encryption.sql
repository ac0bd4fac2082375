-- Family: Encryption functions

-- Page: ENCRYPT, functions/encrypt
SELECT ENCRYPT('secret', NULL);
-- REFUSED null

-- Page: DECRYPT, functions/decrypt
SELECT DECRYPT(ENCRYPT('secret', 'word'), 'word');
-- REFUSED "secret"

-- Page: TRY_DECRYPT, functions/try_decrypt
SELECT TRY_DECRYPT(NULL, 'word');
-- REFUSED null
