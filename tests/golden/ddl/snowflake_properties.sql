-- dialect: snowflake
// Everything that Snowflake keeps with a table and its columns.
USE ROLE loader;
USE DATABASE lake;
USE SCHEMA raw;

CREATE OR REPLACE TRANSIENT TABLE events IF NOT EXISTS (
    id NUMBER(38,0) NOT NULL AUTOINCREMENT START 10 INCREMENT 5 NOORDER,
    again INT IDENTITY START WITH = 2 INCREMENT BY = 2 ORDER,
    ident INT IDENTITY (100, 10),
    body VARIANT COMMENT 'it''s the payload',
    card VARCHAR(20) WITH MASKING POLICY lake.rules.hide_card USING (card, region) WITH TAG (pii = 'card', level = '2'),
    mail STRING MASKING POLICY hide_mail COLLATE 'en-ci' UNIQUE,
    region CHAR(2) NOT NULL PROJECTION POLICY no_select,
    doubled NUMBER(12,2) GENERATED ALWAYS AS (again * 2) VIRTUAL,
    hashed VARCHAR AS (SHA2(card)),
    constraint pk_events primary key (id) NOT ENFORCED RELY,
    CONSTRAINT fk_region FOREIGN KEY (region) REFERENCES regions (code) MATCH SIMPLE ON UPDATE CASCADE ON DELETE SET NULL
        NOT ENFORCED DISABLE NOVALIDATE RELY
)
CLUSTER BY LINEAR (region, TO_DATE(body:at))
STAGE_FILE_FORMAT = (TYPE = PARQUET)
DATA_RETENTION_TIME_IN_DAYS = 14 MAX_DATA_EXTENSION_TIME_IN_DAYS = 28
CHANGE_TRACKING = TRUE
DEFAULT_DDL_COLLATION = 'en-ci'
ENABLE_SCHEMA_EVOLUTION = FALSE
COPY GRANTS
COMMENT = 'what happened; and when'
WITH ROW ACCESS POLICY lake.rules.own_region ON (region)
WITH AGGREGATION POLICY at_least_five ENTITY KEY (id)
WITH TAG (cost_center = 'sales')
WITH CONTACT (steward = lake.people.data_team);

CREATE HYBRID TABLE regions (
    code CHAR(2) PRIMARY KEY,
    name VARCHAR(60) NOT NULL,
    INDEX by_name (name) INCLUDE (code),
    UNIQUE (name) DEFERRABLE INITIALLY DEFERRED
) COMMENT 'a comment without the sign';

CREATE TABLE first_clustered CLUSTER BY (day) COMMENT = 'before the columns' (day DATE, n INT);
CREATE VOLATILE TABLE a_while (n INT);
CREATE LOCAL TEMPORARY TABLE b_while (n INT);
CREATE OR ALTER TABLE changing (n INT);
CREATE ICEBERG TABLE frozen (n INT, at TIMESTAMP_NTZ(6))
    EXTERNAL_VOLUME = 'lake_volume' CATALOG = 'SNOWFLAKE' BASE_LOCATION = 'frozen/';
CREATE DYNAMIC TABLE summed (region CHAR(2), total NUMBER(38,2)) TARGET_LAG = '20 minutes' WAREHOUSE = small
    AS SELECT region, SUM(doubled) FROM events GROUP BY region;
CREATE TABLE events_like LIKE events;
CREATE TABLE events_clone CLONE lake.raw.events AT (TIMESTAMP => '2024-01-01'::TIMESTAMP) COPY GRANTS;
CREATE TABLE typed_query (n INT NOT NULL, label VARCHAR(10)) AS SELECT 1, 'a';

USE SCHEMA clean;
CREATE TABLE events (id INT);
CREATE TABLE IDENTIFIER('lake.clean.named') (id INT);

ALTER TABLE events ADD COLUMN IF NOT EXISTS id INT, COLUMN added VARCHAR(9) NOT NULL, more INT;
ALTER TABLE events MODIFY COLUMN added SET DATA TYPE VARCHAR(90), COLUMN added COMMENT 'longer';
ALTER TABLE events ALTER (more SET NOT NULL, added DROP NOT NULL);
ALTER TABLE events CLUSTER BY (id);
ALTER TABLE events SET DATA_RETENTION_TIME_IN_DAYS = 1 COMMENT = 'the clean ones';
ALTER TABLE events ADD ROW ACCESS POLICY p ON (id);
ALTER TABLE events MODIFY COLUMN added SET MASKING POLICY hide FORCE;
ALTER TABLE events SWAP WITH named;
ALTER TABLE events ADD SEARCH OPTIMIZATION;
ALTER ICEBERG TABLE lake.raw.frozen REFRESH;
