-- What an operator's board shows: the live orders of a city, oldest first.
CREATE INDEX orders_live ON orders (city_id, placed_at, order_id)
  WHERE state NOT IN ('DELIVERED', 'COMPLETED', 'CANCELLED');
