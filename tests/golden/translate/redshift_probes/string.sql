-- Family: String functions

-- Page: || (Concatenation) operator, r_concat_op.html
SELECT 'a' || 'b' || 'c';
-- EXACT "abc"
SELECT 'a' || NULL;
-- EXACT null
SELECT 'n' || 12 || 'x';
-- EXACT "n12x"
SELECT 'ab'::char(5) || 'c';
-- EXACT "abc"

-- Page: ASCII function, r_ASCII.html
SELECT ASCII('amazon'), ASCII(''), ASCII(NULL);
-- EXACT [[97, 0, null]]

-- Page: BPCHARCMP function, r_BPCHARCMP.html
SELECT BPCHARCMP('b', 'a'), BPCHARCMP('a', 'b'), BPCHARCMP('a', 'a');
-- EXACT [[1, -1, 0]]
SELECT BPCHARCMP(NULL, 'a');
-- EXACT null

-- Page: BTTEXT_PATTERN_CMP function, r_BTTEXT_PATTERN_CMP.html
SELECT BTTEXT_PATTERN_CMP('ab', 'ac');
-- EXACT -1

-- Page: BTRIM function, r_BTRIM.html
SELECT BTRIM('  abc  ');
-- EXACT "abc"
SELECT BTRIM('xyzaxyzbxyzcxyz', 'xyz');
-- EXACT "axyzbxyzc"
SELECT BTRIM('aaa', 'a'), BTRIM(NULL, 'a');
-- EXACT [["", null]]

-- Page: CHAR_LENGTH function, r_CHAR_LENGTH.html
SELECT CHAR_LENGTH('Pépé'), CHARACTER_LENGTH('');
-- EXACT [[4, 0]]

-- Page: CHARINDEX function, r_CHARINDEX.html
SELECT CHARINDEX('fish', 'dogfish'), CHARINDEX('Fish', 'dogfish');
-- EXACT [[4, 0]]
SELECT CHARINDEX('', 'abc');
-- EXACT 1
SELECT CHARINDEX('é', 'aébé'), CHARINDEX('a', NULL);
-- EXACT [[2, null]]

-- Page: CHR function, r_CHR.html
SELECT CHR(65), CHR(NULL);
-- EXACT [["A", null]]

-- Page: CONCAT function, r_CONCAT.html
SELECT CONCAT('December 25, ', '2008');
-- EXACT "December 25, 2008"
SELECT CONCAT('a', NULL);
-- EXACT null
SELECT CONCAT('a', CONCAT('b', 'c'));
-- EXACT "abc"

-- Page: CRC32 function, crc32-function.html
SELECT CRC32('Amazon Redshift');
-- EXACT "f2726906"
SELECT CRC32('123456789'), CRC32(NULL);
-- EXACT [["e3069283", null]]

-- Page: DIFFERENCE function, DIFFERENCE.html
SELECT DIFFERENCE('Amazon', 'Ramazon');
-- EXACT 3
SELECT DIFFERENCE('Robert', 'Rupert');
-- EXACT 4

-- Page: INITCAP function, r_INITCAP.html
SELECT INITCAP('nibh.enim@egestas.ca');
-- EXACT "Nibh.Enim@Egestas.Ca"
SELECT INITCAP('JOHN o-brien'), INITCAP(NULL);
-- EXACT [["John O-Brien", null]]

-- Page: LEFT and RIGHT functions, r_LEFT.html
SELECT LEFT('Chicago', 3), RIGHT('Chicago', 3);
-- EXACT [["Chi", "ago"]]
SELECT LEFT('é1', 1), RIGHT('é1', 5), LEFT('abc', 0);
-- EXACT [["é", "é1", ""]]
SELECT LEFT(NULL, 3), RIGHT('abc', NULL);
-- EXACT [[null, null]]

-- Page: LEN function, r_LEN.html
SELECT LEN('français'), LENGTH('cat'), TEXTLEN('cat');
-- EXACT [[8, 3, 3]]
SELECT LEN('cat'::char(10)), LEN('cat  '), LEN('');
-- EXACT [[3, 5, 0]]
SELECT LEN(NULL);
-- EXACT null

-- Page: LOWER function, r_LOWER.html
SELECT LOWER('CaSe ÉÜ');
-- EXACT "case éü"
SELECT LOWER(NULL);
-- EXACT null

-- Page: LPAD and RPAD functions, r_LPAD.html
SELECT LPAD('cat', 6, '12'), RPAD('cat', 6, '12');
-- EXACT [["121cat", "cat121"]]
SELECT LPAD('California', 3), RPAD('cat', 5) || '|';
-- EXACT [["Cal", "cat  |"]]
SELECT LPAD('x', 0, 'y'), LPAD('x', -1, 'y'), LPAD(NULL, 2, 'y');
-- EXACT [["", "", null]]

-- Page: LTRIM function, r_LTRIM.html
SELECT LTRIM('2008-01-24', '2-80');
-- EXACT "1-24"
SELECT LTRIM('  a '), LTRIM('abc', '');
-- EXACT [["a ", "abc"]]

-- Page: OCTETINDEX function, OCTETINDEX.html
SELECT OCTETINDEX('q', 'AMAZON redshift'), OCTETINDEX('Redshift', 'Amazon Redshift');
-- EXACT [[0, 8]]
SELECT OCTETINDEX('b', 'éb');
-- EXACT 3

-- Page: OCTET_LENGTH function, r_OCTET_LENGTH.html
SELECT OCTET_LENGTH('français'), OCTET_LENGTH('');
-- EXACT [[9, 0]]

-- Page: POSITION function, r_POSITION.html
SELECT POSITION('fish' IN 'dogfish'), POSITION('é' IN 'aé');
-- EXACT [[4, 2]]
SELECT POSITION('z' IN 'dog');
-- EXACT 0

-- Page: QUOTE_IDENT function, r_QUOTE_IDENT.html
SELECT QUOTE_IDENT('"CAT"');
-- EXACT "\"\"\"CAT\"\"\""
SELECT QUOTE_IDENT('Foo bar'), QUOTE_IDENT('foo');
-- EXACT [["\"Foo bar\"", "foo"]]

-- Page: QUOTE_LITERAL function, r_QUOTE_LITERAL.html
SELECT QUOTE_LITERAL('it''s'), QUOTE_LITERAL('CAT');
-- EXACT [["'it''s'", "'CAT'"]]

-- Page: REGEXP_COUNT function, REGEXP_COUNT.html
SELECT REGEXP_COUNT('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}');
-- EXACT 8
SELECT REGEXP_COUNT('the fox', 'FOX', 1, 'i');
-- EXACT 1
SELECT REGEXP_COUNT('abcabc', 'a', 2), REGEXP_COUNT('abc', 'x'), REGEXP_COUNT(NULL, 'x');
-- EXACT [[1, 0, null]]

-- Page: REGEXP_INSTR function, REGEXP_INSTR.html
SELECT REGEXP_INSTR('abc123', '[0-9]'), REGEXP_INSTR('abc', '[0-9]');
-- EXACT [[4, 0]]
SELECT REGEXP_INSTR('The Home Depot Center', '[cC]ent(er|re)$');
-- APPROXIMATE 16
SELECT REGEXP_INSTR('the fox', 'FOX', 1, 1, 0, 'i'), REGEXP_INSTR('a1b2', '[0-9]', 1, 2), REGEXP_INSTR('a1b2', '[0-9]', 1, 1, 1);
-- EXACT [[5, 4, 3]]

-- Page: REGEXP_REPLACE function, REGEXP_REPLACE.html
SELECT REGEXP_REPLACE('Etiam.laoreet.libero@sodalesMaurisblandit.edu', '@.*[.](org|gov|com|edu|ca)$');
-- APPROXIMATE "Etiam.laoreet.libero"
SELECT REGEXP_REPLACE('the fox', 'FOX', 'quick brown fox', 1, 'i');
-- EXACT "the quick brown fox"
SELECT REGEXP_REPLACE('a1b22', '([0-9]+)', '<$1>'), REGEXP_REPLACE('abab', 'a', 'x', 2);
-- EXACT [["a<1>b<22>", "abxb"]]

-- Page: REGEXP_SUBSTR function, REGEXP_SUBSTR.html
SELECT REGEXP_SUBSTR('Suspendisse.tristique@nonnisiAenean.edu', '@[^.]*');
-- EXACT "@nonnisiAenean"
SELECT REGEXP_SUBSTR('the fox', 'FOX', 1, 1, 'i'), REGEXP_SUBSTR('abc', '[0-9]');
-- EXACT [["fox", ""]]
SELECT REGEXP_SUBSTR('a1b22c333', '[0-9]+', 3, 2), REGEXP_SUBSTR(NULL, 'a');
-- EXACT [["333", null]]

-- Page: REPEAT function, r_REPEAT.html
SELECT REPEAT('ab', 3), REPLICATE('-', 2), REPEAT('x', 0);
-- EXACT [["ababab", "--", ""]]

-- Page: REPLACE function, r_REPLACE.html
SELECT REPLACE('Show Shows', 'Shows', 'Theatre'), REPLACE('aaa', 'a', '');
-- EXACT [["Show Theatre", ""]]
SELECT REPLACE('abc', NULL, 'x');
-- EXACT null

-- Page: REVERSE function, r_REVERSE.html
SELECT REVERSE('abécd'), REVERSE('123456'), REVERSE('');
-- EXACT [["dcéba", "654321", ""]]

-- Page: RTRIM function, r_RTRIM.html
SELECT RTRIM('tiredness', 'sen'), RTRIM('a  ') || '|';
-- EXACT [["tired", "a|"]]

-- Page: SOUNDEX function, SOUNDEX.html
SELECT SOUNDEX('Amazon'), SOUNDEX('Robert'), SOUNDEX('Rupert');
-- EXACT [["A525", "R163", "R163"]]
SELECT SOUNDEX('a'), SOUNDEX(NULL), SOUNDEX('Pfister');
-- EXACT [["A000", null, "P236"]]

-- Page: SPLIT_PART function, SPLIT_PART.html
SELECT SPLIT_PART('abc$def$ghi', '$', 2), SPLIT_PART('abc$def$ghi', '$', 4);
-- EXACT [["def", ""]]
SELECT SPLIT_PART('a--b', '--', 2), SPLIT_PART(NULL, '-', 1);
-- EXACT [["b", null]]
SELECT SPLIT_PART('a-b', '-', -1);
-- FAILS

-- Page: STRPOS function, r_STRPOS.html
SELECT STRPOS('dogfish', 'fist'), STRPOS('dogfish', 'fish');
-- EXACT [[0, 4]]

-- Page: STRTOL function, r_STRTOL.html
SELECT STRTOL('abcd1234', 16), STRTOL('110101', 2), STRTOL('', 10);
-- EXACT [[2882343476, 53, 0]]
SELECT STRTOL('-7f', 16), STRTOL(NULL, 16);
-- EXACT [[-127, null]]

-- Page: SUBSTRING function, r_SUBSTRING.html
SELECT SUBSTRING('caterpillar', 6, 4), SUBSTRING('caterpillar', 6, 8), SUBSTR('caterpillar', 6);
-- EXACT [["pill", "pillar", "pillar"]]
SELECT SUBSTRING('caterpillar', 0, 4), SUBSTRING('caterpillar', -5, 8), SUBSTRING('caterpillar', -5);
-- EXACT [["cat", "ca", "caterpillar"]]
SELECT SUBSTRING('été' FROM 2 FOR 1), SUBSTRING('abc', 9, 2), SUBSTRING(NULL, 1, 1);
-- EXACT [["t", "", null]]

-- Page: TRANSLATE function, r_TRANSLATE.html
SELECT TRANSLATE('mint tea', 'inea', 'osin'), TRANSLATE('most tin', 'o', NULL);
-- EXACT [["most tin", null]]
SELECT TRANSLATE('12345', '143', 'ax');
-- EXACT "a2x5"

-- Page: TRIM function, r_TRIM.html
SELECT TRIM('  dog '), TRIM('"' FROM '"dog"'), TRIM(LEADING 'x' FROM 'xxdogx');
-- EXACT [["dog", "dog", "dogx"]]
SELECT TRIM(BOTH 'CDG' FROM 'CADG'), TRIM(TRAILING 'g' FROM 'dog');
-- EXACT [["A", "do"]]

-- Page: UPPER function, r_UPPER.html
SELECT UPPER('François');
-- EXACT "FRANÇOIS"
