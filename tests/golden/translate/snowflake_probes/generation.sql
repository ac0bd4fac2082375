-- Family: Data generation functions

-- Page: UNIFORM, functions/uniform
SELECT UNIFORM(1, 1, RANDOM());
-- REFUSED 1

-- Page: RANDOM, functions/random
SELECT RANDOM(7) = RANDOM(7);
-- REFUSED true

-- Page: UUID_STRING, functions/uuid_string
SELECT LENGTH(UUID_STRING());
-- REFUSED 36
