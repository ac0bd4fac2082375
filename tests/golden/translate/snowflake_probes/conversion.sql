-- Family: Conversion functions

-- Page: CAST, ::, functions/cast
SELECT CAST('1.2345' AS DECIMAL(5,2)), '12'::INT, 1.56::INT, -1.5::INT;
-- EXACT [["1.23", 12, 2, -2]]
SELECT TRUE::VARCHAR, 1::VARCHAR, 1.50::VARCHAR, NULL::INT;
-- EXACT [["true", "1", "1.50", null]]
SELECT 'abc'::INT;
-- FAILS
SELECT '2024-02-30'::DATE;
-- FAILS

-- Page: TRY_CAST, functions/try_cast
SELECT TRY_CAST('05-Mar-2016x' AS TIMESTAMP), TRY_CAST('12' AS INT), TRY_CAST('x' AS NUMBER(5,2)), TRY_CAST('2024-01-01' AS DATE);
-- EXACT [[null, 12, null, "2024-01-01"]]

-- Page: TO_BOOLEAN, functions/to_boolean
SELECT TO_BOOLEAN('yes'), TO_BOOLEAN('no'), TO_BOOLEAN(1), TO_BOOLEAN(0), TO_BOOLEAN(NULL);
-- EXACT [[true, false, true, false, null]]

-- Page: TO_CHAR, TO_VARCHAR, functions/to_char
SELECT TO_VARCHAR('2024-04-05 01:02:03'::TIMESTAMP, 'mm/dd/yyyy, hh24:mi'), TO_CHAR('2024-04-05'::DATE, 'DD-MON-YYYY'), TO_VARCHAR(12);
-- EXACT [["04/05/2024, 01:02", "05-Apr-2024", "12"]]

-- Page: TO_DATE, DATE, functions/to_date
SELECT TO_DATE('2024-05-10'), DATE('2024-05-10'), TO_DATE('2024.05.10', 'YYYY.MM.DD'), TO_DATE(NULL);
-- EXACT [["2024-05-10", "2024-05-10", "2024-05-10", null]]
SELECT TO_DATE('10.05.2024', 'YYYY.MM.DD');
-- FAILS

-- Page: TRY_TO_DATE, functions/try_to_date
SELECT TRY_TO_DATE('2024-02-30'), TRY_TO_DATE('2024-02-29'), TRY_TO_DATE('x', 'YYYY');
-- EXACT [[null, "2024-02-29", null]]

-- Page: TO_DECIMAL, TO_NUMBER, TO_NUMERIC, functions/to_decimal
SELECT TO_NUMBER('12.3456'), TO_NUMBER('12.3456', 10, 1), TO_DECIMAL('12.3456', 10, 8), TO_NUMBER(NULL);
-- EXACT [[12, "12.3", "12.34560000", null]]

-- Page: TRY_TO_DECIMAL, TRY_TO_NUMBER, functions/try_to_decimal
SELECT TRY_TO_NUMBER('345.123'), TRY_TO_NUMBER('345.123', 10, 2), TRY_TO_NUMBER('three');
-- EXACT [[345, "345.12", null]]

-- Page: TO_DOUBLE, functions/to_double
SELECT TO_DOUBLE('1.1'), TO_DOUBLE(NULL), TO_DOUBLE(2);
-- EXACT [[1.1, null, 2]]

-- Page: TO_TIMESTAMP, functions/to_timestamp
SELECT TO_TIMESTAMP_NTZ('2024-05-10 12:34:56'), TO_TIMESTAMP_NTZ('04/05/2024 01:02:03', 'mm/dd/yyyy hh24:mi:ss');
-- EXACT [["2024-05-10 12:34:56", "2024-04-05 01:02:03"]]

-- Page: TO_TIME, functions/to_time
SELECT TO_TIME('13:30:00'), '13:30'::TIME;
-- EXACT [["13:30:00", "13:30:00"]]

-- Page: TO_BINARY, functions/to_binary
SELECT TO_VARCHAR(TO_BINARY('SNOW', 'utf-8'), 'HEX');
-- REFUSED "534E4F57"
