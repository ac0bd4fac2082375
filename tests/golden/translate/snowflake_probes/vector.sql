-- Family: Vector functions

-- Page: VECTOR_INNER_PRODUCT, functions/vector_inner_product
SELECT VECTOR_INNER_PRODUCT([1, 2]::VECTOR(INT, 2), [3, 4]::VECTOR(INT, 2));
-- REFUSED 11.0

-- Page: VECTOR_L2_DISTANCE, functions/vector_l2_distance
SELECT VECTOR_L2_DISTANCE([1, 2]::VECTOR(FLOAT, 2), [1, 2]::VECTOR(FLOAT, 2));
-- REFUSED 0.0

-- Page: VECTOR_COSINE_SIMILARITY, functions/vector_cosine_similarity
SELECT VECTOR_COSINE_SIMILARITY(NULL, [1, 2]::VECTOR(FLOAT, 2));
-- REFUSED null
