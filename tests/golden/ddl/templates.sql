-- dialect: redshift
-- Texts of templating tools: placeholders are names, tags are skipped.
{# a comment of the template #}
{% set target = 'dev' %}
\set ON_ERROR_STOP on
CREATE TABLE @cdmSchema.person (person_id INT NOT NULL, location_id INT);
CREATE TABLE {{ target.schema }}.{{ prefix | lower }}_orders (id BIGINT, {{ column_name }} INT);
CREATE TABLE {{ env_var('SCHEMA', 'public') }}.visits (id INT);
CREATE TABLE ${SCHEMA}.clicks_${env} (id INT PRIMARY KEY);
CREATE TABLE &{db}.&{schema}.snow (id INT);
CREATE TABLE &schema.variables (id INT);
CREATE TABLE {schema}.formatted (id INT, {extra} VARCHAR(5));
CREATE TABLE :schema.psql (id INT);
CREATE TABLE <schema>.documented (id INT);
CREATE TABLE %(schema)s.python (id INT);
CREATE TABLE <%= schema %>.ruby (id INT);
CREATE TABLE #{schema}.interpolated (id INT);
{% if target == 'dev' %}
CREATE TABLE only_in_dev (id INT REFERENCES ${SCHEMA}.clicks_${env} (id));
{% endif %}
ALTER TABLE @cdmSchema.person ADD CONSTRAINT xpk_person PRIMARY KEY (person_id);
{{ config(materialized = 'table') }};
