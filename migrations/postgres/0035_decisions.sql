-- What routers decided, one row for each question.
CREATE TABLE decisions (
    id          VARCHAR(64) NOT NULL,
    decided_us  BIGINT NOT NULL,
    router      VARCHAR(200) NOT NULL,
    node        VARCHAR(50) NOT NULL,
    verb        VARCHAR(20) NOT NULL,
    call_id     VARCHAR(512) NOT NULL,
    root        VARCHAR(512) NOT NULL,
    generation  BIGINT NOT NULL,
    hopped      BOOLEAN NOT NULL,
    class       VARCHAR(20),
    status      VARCHAR(20) NOT NULL,
    reason      VARCHAR(50),
    cause       INTEGER,
    caller_e164 VARCHAR(15),
    called_e164 VARCHAR(15),
    country     VARCHAR(2),
    provider_in BIGINT,
    attempts    INTEGER NOT NULL,
    request     TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id)
) PARTITION BY RANGE (decided_us);
-- What belongs to no month that was prepared.
CREATE TABLE decisions_default PARTITION OF decisions DEFAULT;
CREATE INDEX decisions_id_index ON decisions (id);
CREATE INDEX decisions_root_index ON decisions (root);
