-- Family: File functions

-- Page: BUILD_STAGE_FILE_URL, functions/build_stage_file_url
SELECT BUILD_STAGE_FILE_URL(NULL, 'a.txt');
-- REFUSED null

-- Page: FL_GET_SIZE, functions/fl_get_size
SELECT FL_GET_SIZE(NULL);
-- REFUSED null

-- Page: GET_STAGE_LOCATION, functions/get_stage_location
SELECT GET_STAGE_LOCATION(NULL);
-- REFUSED null
