-- Whoever replaces the whole working copy may break references on the way, as long as they hold in the end. For everybody
-- else nothing changes: each statement is checked at once.
ALTER TABLE providers ALTER CONSTRAINT providers_currency_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE provider_addresses ALTER CONSTRAINT provider_addresses_provider_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE routes ALTER CONSTRAINT routes_provider_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE servers ALTER CONSTRAINT servers_location_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE numbers ALTER CONSTRAINT numbers_provider_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE numbers ALTER CONSTRAINT numbers_server_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE gates ALTER CONSTRAINT gates_number_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE gates ALTER CONSTRAINT gates_server_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE extensions ALTER CONSTRAINT extensions_server_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE extensions ALTER CONSTRAINT extensions_number_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE node_tokens ALTER CONSTRAINT node_tokens_server_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE ring_group_members ALTER CONSTRAINT ring_group_members_ring_group_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE ring_group_members ALTER CONSTRAINT ring_group_members_extension_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE number_destinations ALTER CONSTRAINT number_destinations_number_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE number_destinations ALTER CONSTRAINT number_destinations_extension_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE number_destinations ALTER CONSTRAINT number_destinations_ring_group_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE customers ALTER CONSTRAINT customers_extension_id_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE service_numbers ALTER CONSTRAINT service_numbers_country_exists DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE service_numbers ALTER CONSTRAINT service_numbers_provider_id_exists DEFERRABLE INITIALLY IMMEDIATE;
