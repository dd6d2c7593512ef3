-- Activations and the collector of old chunks exclude each other.
INSERT INTO locks (name) VALUES ('activation');
