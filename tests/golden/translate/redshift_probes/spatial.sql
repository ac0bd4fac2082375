-- Family: Spatial functions

-- Page: ST_Distance, ST_Distance-function.html
SELECT ST_Distance(ST_Point(0, 0), ST_Point(3, 4));
-- REFUSED 5.0

-- Page: ST_X, ST_X-function.html
SELECT ST_X(ST_GeomFromText('POINT(1 2)'));
-- REFUSED 1.0

-- Page: ST_AsText, ST_AsText-function.html
SELECT ST_AsText(NULL);
-- REFUSED null
