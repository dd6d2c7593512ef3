-- The calls of all nodes that one first decision led to. The first hop is the one that made that decision, whatever the
-- clocks of the nodes say; of `created_us` Asterisk's own ids only tell the second, which most hops share.
CREATE VIEW calls_by_root AS
SELECT root, ROW_NUMBER() OVER (PARTITION BY root ORDER BY CASE WHEN decision = root THEN 0 ELSE 1 END,
    COALESCE(start_us, created_us), node, unique_id) AS hop, node, created_us, unique_id,
    revision, complete, decision, generation, direction, caller_raw, caller_e164, called_raw, called_e164, provider_in,
    provider_out, start_us, first_ring_us, answer_us, end_us, wait_us, ring_us, talk_us, disposition, cause, sip, hangup_by
FROM calls
WHERE root IS NOT NULL;
