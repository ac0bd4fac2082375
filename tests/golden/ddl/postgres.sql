-- dialect: postgres
-- A dump of PostgreSQL: domains, enumerations, sequences behind the tables, inheritance, partitions.
SET statement_timeout = 0;
SET search_path = shop, pg_catalog;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TYPE shop.mood AS ENUM ('sad', 'it''s fine', 'happy');
CREATE TYPE shop.place AS (lat float8, lon float8);
CREATE DOMAIN shop.year AS integer DEFAULT 2000 CONSTRAINT year_check CHECK ((VALUE >= 1901) AND (VALUE <= 2155));
CREATE DOMAIN "Name" varchar(50) NOT NULL;

CREATE SCHEMA people
  CREATE TABLE person (
    id SERIAL PRIMARY KEY,
    name "Name",
    mood shop.mood DEFAULT 'happy'::shop.mood,
    born shop.year,
    mail citext,
    note text DEFAULT E'a\'b' NOT NULL
  )
  CREATE TABLE pet (
    person_id int REFERENCES person (id),
    name "Name"
  );

CREATE SEQUENCE shop.orders_id_seq START WITH 1000 INCREMENT BY 10 NO MINVALUE NO MAXVALUE CACHE 1;
CREATE TABLE orders (
    id integer NOT NULL,
    person_id integer,
    tags text[] DEFAULT '{}'::text[],
    grid integer[3][3],
    flags integer ARRAY[4],
    status character varying(12) DEFAULT 'new'::character varying NOT NULL,
    total numeric(12,2) DEFAULT 0.00,
    placed_at timestamp with time zone DEFAULT '2001-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    during tstzrange,
    CONSTRAINT orders_total_check CHECK ((total >= (0)::numeric)),
    CONSTRAINT orders_status_check CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'paid'::character varying])::text[])))
)
WITH (fillfactor = 70)
TABLESPACE fast;
ALTER TABLE shop.orders OWNER TO postgres;
ALTER SEQUENCE shop.orders_id_seq OWNED BY shop.orders.id;
ALTER TABLE ONLY shop.orders ALTER COLUMN id SET DEFAULT nextval('shop.orders_id_seq'::regclass);
ALTER TABLE ONLY shop.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id) WITH (fillfactor = 90);
ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT orders_person_fkey FOREIGN KEY (person_id) REFERENCES people.person (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX orders_by_person ON shop.orders USING btree (person_id);
CREATE UNIQUE INDEX orders_once ON shop.orders USING btree (person_id, placed_at DESC);
CREATE UNIQUE INDEX orders_new ON shop.orders (person_id) WHERE status = 'new';
CREATE UNIQUE INDEX orders_lower ON shop.orders (lower(status));

CREATE TABLE measured (at timestamp NOT NULL, value float8) PARTITION BY RANGE (at);
CREATE TABLE measured_2024 PARTITION OF measured FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measured_more (unit text) INHERITS (measured);
CREATE UNLOGGED TABLE copied (LIKE orders INCLUDING ALL EXCLUDING INDEXES, extra int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME copied_seq START WITH 5));
CREATE TABLE rooms (
    room int, during tsrange, size bit(3), sizes bit varying(5), price money, ip inet, mac macaddr, doc xml, found tsvector,
    id uuid DEFAULT gen_random_uuid() CONSTRAINT rooms_key PRIMARY KEY USING INDEX TABLESPACE slow,
    CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&),
    UNIQUE NULLS NOT DISTINCT (room, ip)
) WITHOUT OIDS;
-- Two tables that need each other: the keys come when both are there.
CREATE TABLE store (id int PRIMARY KEY, manager_id int NOT NULL);
CREATE TABLE staff (id int PRIMARY KEY, store_id int NOT NULL);
ALTER TABLE store ADD CONSTRAINT store_manager FOREIGN KEY (manager_id) REFERENCES staff (id);
ALTER TABLE staff ADD CONSTRAINT staff_store FOREIGN KEY (store_id) REFERENCES store (id);
COMMENT ON TABLE orders IS 'bought';
COMMENT ON INDEX orders_by_person IS 'quick';
CREATE OR REPLACE VIEW happy (who, since) AS SELECT name, born FROM people.person WHERE mood = 'happy' WITH CHECK OPTION;
COMMENT ON VIEW happy IS 'they are';
CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN CREATE TABLE inside (a int); END; $body$ LANGUAGE plpgsql;
CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f();
