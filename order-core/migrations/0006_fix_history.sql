-- Where couriers were, by days (UTC): what is old goes by dropping its day, and the way of a courier is
-- found by key. A courier's fixes are added at the end of its own part of the day's index.

ALTER TABLE courier_fixes RENAME TO courier_fixes_before;
DROP INDEX courier_fixes_at;

CREATE TABLE courier_fixes (
  city_id text NOT NULL,
  courier_id text NOT NULL,
  at timestamptz NOT NULL,
  lat double precision NOT NULL,
  lng double precision NOT NULL,
  heading_degrees real NOT NULL,
  speed_mps real NOT NULL,
  accuracy_meters real NOT NULL
) PARTITION BY RANGE (at);
-- Not unique: a batch whose commit went unanswered is written again.
CREATE INDEX courier_fixes_way ON courier_fixes (city_id, courier_id, at);

CREATE FUNCTION fix_partitions() RETURNS TABLE (partition text, day date) LANGUAGE sql STABLE AS $$
  SELECT relname::text, to_date(right(relname, 8), 'YYYYMMDD')
  FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'courier_fixes'::regclass
$$;

-- Makes what is missing from yesterday, for fixes that come late, to so many days from now. Nothing
-- before the oldest there is: that one may hold all that was before it. ATTACH lets others read and
-- write meanwhile; CREATE TABLE ... PARTITION OF would wait for them, and they for it.
CREATE FUNCTION make_fix_partitions(days_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  oldest date;
  made integer := 0;
  new_day date;
  new_partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('courier_fixes'));
  SELECT min(day) INTO oldest FROM fix_partitions();
  FOR i IN -1 .. days_ahead LOOP
    new_day := today + i;
    new_partition := 'courier_fixes_' || to_char(new_day, 'YYYYMMDD');
    CONTINUE WHEN new_day < oldest OR to_regclass(new_partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE courier_fixes INCLUDING ALL)', new_partition);
    EXECUTE format('ALTER TABLE courier_fixes ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      new_partition, new_day || ' 00:00+00', new_day + 1 || ' 00:00+00');
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops each day of which every fix is older than so many days.
CREATE FUNCTION drop_fix_partitions(keep_days integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  dropped integer := 0;
  old text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('courier_fixes'));
  FOR old IN SELECT partition FROM fix_partitions() WHERE day < today - keep_days LOOP
    EXECUTE format('DROP TABLE %I', old);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

-- What was there stays where it is: it is today's partition, and that of all days before.
DO $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  name text := 'courier_fixes_' || to_char(today, 'YYYYMMDD');
BEGIN
  IF EXISTS (SELECT FROM courier_fixes_before) THEN
    EXECUTE format('ALTER TABLE courier_fixes_before RENAME TO %I', name);
    EXECUTE format('ALTER TABLE courier_fixes ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)',
      name, today + 1 || ' 00:00+00');
  ELSE
    DROP TABLE courier_fixes_before;
  END IF;
  PERFORM make_fix_partitions(2);
END $$;
