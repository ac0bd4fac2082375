-- Family: Geospatial functions

-- Page: HAVERSINE, functions/haversine
SELECT HAVERSINE(40.7127, -74.0059, 34.0500, -118.2500);
-- REFUSED 3936.385096389

-- Page: ST_X, functions/st_x
SELECT ST_X(ST_MAKEPOINT(37.5, 45.5));
-- REFUSED 37.5

-- Page: TO_GEOGRAPHY, functions/to_geography
SELECT TO_GEOGRAPHY(NULL);
-- REFUSED null
