-- What is deleted by its age is found without reading the whole table.
CREATE INDEX idempotency_keys_created_at ON idempotency_keys USING brin (created_at);
CREATE INDEX webhook_inbox_received_at ON webhook_inbox USING brin (received_at);
