-- The phones of each group; `position` counts where they ring one after another.
CREATE TABLE ring_group_members (
    id            INTEGER PRIMARY KEY,
    ring_group_id INTEGER NOT NULL,
    extension_id  INTEGER NOT NULL,
    position      INTEGER NOT NULL DEFAULT 100,
    CONSTRAINT ring_group_members_id_positive CHECK (id > 0),
    CONSTRAINT ring_group_members_ring_group_id_extension_id_unique UNIQUE (ring_group_id, extension_id),
    CONSTRAINT ring_group_members_ring_group_id_exists FOREIGN KEY (ring_group_id) REFERENCES ring_groups (id),
    CONSTRAINT ring_group_members_extension_id_exists FOREIGN KEY (extension_id) REFERENCES extensions (id),
    CONSTRAINT ring_group_members_position_range CHECK (position BETWEEN 0 AND 65535)
) STRICT;
CREATE INDEX ring_group_members_extension_id_index ON ring_group_members (extension_id);
