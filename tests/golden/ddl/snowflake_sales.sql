-- dialect: snowflake
// Sales, as Snowflake's GET_DDL writes it.
USE DATABASE analytics;
create or replace TRANSIENT TABLE ANALYTICS.SALES.REGION (
	REGION_ID NUMBER(38,0) NOT NULL autoincrement start 100 increment 10 noorder,
	"Display Name" VARCHAR(16777216) COLLATE 'en-ci' COMMENT 'what people\'s reports show',
	CODE CHAR(2) NOT NULL,
	SHAPE GEOGRAPHY,
	constraint PK_REGION primary key (REGION_ID),
	unique (CODE) NOT ENFORCED
)CLUSTER BY LINEAR(CODE, SUBSTRING("Display Name", 1, 3))
DATA_RETENTION_TIME_IN_DAYS = 3
COMMENT='regions'
;

CREATE TABLE IF NOT EXISTS sales (
    region_id NUMBER(38,0) NOT NULL,
    store_id INT NOT NULL,
    sold_at TIMESTAMP_NTZ(9) DEFAULT CURRENT_TIMESTAMP(),
    loaded_at TIMESTAMP_LTZ,
    amount NUMBER(12,2) NOT NULL,
    small NUMBER(3,0),
    payload VARIANT,
    labels ARRAY,
    settings OBJECT,
    features VECTOR(FLOAT, 16),
    is_refund BOOLEAN WITH TAG (cost_center = 'finance'),
    note STRING WITH MASKING POLICY hide_note USING (note, region_id),
    total NUMBER(14,2) AS (amount * 1.2),
    raw BINARY,
    CONSTRAINT pk_sales PRIMARY KEY (region_id, store_id) RELY,
    FOREIGN KEY (region_id) REFERENCES analytics.sales.region (region_id) MATCH FULL ON UPDATE NO ACTION NOT ENFORCED
);

create table visits (
    visit_id int identity start 1 increment 2 primary key,
    region_id int,
    store_id int,
    constraint fk_visit foreign key (region_id, store_id) references sales (region_id, store_id)
) COPY GRANTS;

create view open_visits (visit) as select visit_id from visits -- all of them
;
