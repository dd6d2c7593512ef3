-- The last automatic activations that were refused, and why: `findings` is JSON.
CREATE TABLE activation_refusals (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    refused_us INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    last_mark  INTEGER,
    findings   TEXT NOT NULL,
    CONSTRAINT activation_refusals_actor_length CHECK (length(actor) BETWEEN 1 AND 100),
    CONSTRAINT activation_refusals_findings_length CHECK (length(CAST(findings AS BLOB)) <= 65536)
) STRICT;
