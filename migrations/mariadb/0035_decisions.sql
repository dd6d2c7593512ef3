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
    cause       INT,
    caller_e164 VARCHAR(15),
    called_e164 VARCHAR(15),
    country     VARCHAR(2),
    provider_in BIGINT,
    attempts    INT NOT NULL,
    request     LONGTEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id),
    INDEX decisions_id_index (id),
    INDEX decisions_root_index (root)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (decided_us) (PARTITION later VALUES LESS THAN MAXVALUE);
