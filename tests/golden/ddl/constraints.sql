-- dialect: redshift
-- Keys and conditions in every place, and what they say of the cells.
CREATE TABLE parents (
    id INT CONSTRAINT pk_parents PRIMARY KEY,
    code CHAR(3) NOT NULL CONSTRAINT uq_code UNIQUE,
    a INT, b INT,
    CONSTRAINT uq_ab UNIQUE (a, b)
);
CREATE TABLE children (
    id INT NOT NULL,
    line SMALLINT NOT NULL,
    parent_id INT NOT NULL REFERENCES parents ON DELETE CASCADE ON UPDATE NO ACTION,
    code CHAR(3) CONSTRAINT fk_code REFERENCES parents (code) MATCH FULL DEFERRABLE INITIALLY IMMEDIATE,
    a INT, b INT,
    boss INT REFERENCES parents (id) NOT ENFORCED,
    PRIMARY KEY (id, line),
    CONSTRAINT fk_ab FOREIGN KEY (a, b) REFERENCES parents (a, b) ON DELETE SET DEFAULT
);
CREATE TABLE conditions (
    age SMALLINT CHECK (age >= 18 AND age < 120),
    percent DECIMAL(5,2) CHECK (percent BETWEEN 0 AND 100),
    above DECIMAL(6,2) CHECK (above > 0),
    ratio FLOAT CHECK (0 <= ratio AND ratio <= 1),
    size VARCHAR(2) CHECK (size IN ('S', 'M', 'L', 'XL', 'too long')),
    flag CHAR(1) CHECK (UPPER(flag) IN ('Y', 'N') OR flag IS NULL),
    level INT CHECK (level = 1 OR level = 2 OR level = 3),
    born DATE CHECK (born >= '1900-01-01'),
    seen TIMESTAMP CHECK (seen > '2020-01-01' AND seen < TIMESTAMP '2030-01-01 12:00:00'),
    score INT DEFAULT (1 + 2) CHECK (score <> 5 AND score >= -10),
    month INT UNIQUE CHECK (month BETWEEN 1 AND 12),
    later DATE,
    CONSTRAINT ck_order CHECK (later >= born),
    CONSTRAINT ck_odd CHECK (age % 2 = 1),
    CONSTRAINT ck_never CHECK (level > 5 AND level < 3)
);
CREATE TABLE defaults (
    a INT DEFAULT 1, b INT DEFAULT -1, c INT DEFAULT NULL, d VARCHAR(20) DEFAULT 'a; b, c)', e TIMESTAMP DEFAULT SYSDATE,
    f TIMESTAMP DEFAULT ('now'::text)::timestamp without time zone, g DATE DEFAULT CURRENT_DATE + 1, h BOOLEAN default('N'),
    i VARCHAR(5) DEFAULT 'x' || 'y' NOT NULL, j FLOAT DEFAULT 1e-3 NULL, k CHAR(1) DEFAULT CAST('x' AS CHAR(1)) UNIQUE,
    l TIMESTAMPTZ DEFAULT now()::timestamp with time zone NOT NULL
);
