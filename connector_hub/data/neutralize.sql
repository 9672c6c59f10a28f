-- A copy of a database must not talk to anybody: no backend runs, and the credentials are gone.
UPDATE connector_hub_backend
   SET state = 'draft', base_url = NULL, api_key_sealed = NULL, webhook_secret_sealed = NULL;
UPDATE ir_cron
   SET active = false
 WHERE id IN (SELECT cron_id FROM connector_hub_backend);
DELETE FROM ir_config_parameter
 WHERE key = 'connector_hub.key_fingerprint';
