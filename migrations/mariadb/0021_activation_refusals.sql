-- The last automatic activations that were refused, and why: `findings` is JSON.
CREATE TABLE activation_refusals (
    id         BIGINT NOT NULL AUTO_INCREMENT,
    refused_us BIGINT NOT NULL,
    actor      VARCHAR(100) NOT NULL,
    last_mark  BIGINT,
    findings   MEDIUMTEXT NOT NULL,
    CONSTRAINT activation_refusals_pk PRIMARY KEY (id),
    CONSTRAINT activation_refusals_actor_length CHECK (actor <> ''),
    CONSTRAINT activation_refusals_findings_length CHECK (octet_length(findings) <= 65536)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
