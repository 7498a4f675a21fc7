import type { Revocation } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';

const REVOKE = {
  name: 'revoke',
  text: `
    WITH over AS (DELETE FROM revocations WHERE ends_at < clock_timestamp())
    INSERT INTO revocations (city_id, kind, name, revoked_at, ends_at)
    VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000))
    ON CONFLICT (city_id, kind, name) DO UPDATE SET
      revoked_at = greatest(revocations.revoked_at, excluded.revoked_at),
      ends_at = greatest(revocations.ends_at, excluded.ends_at)`,
};

const LIVE = {
  name: 'live_revocations',
  text: `
    SELECT city_id, kind, name, extract(epoch FROM revoked_at)::float8 * 1000 AS revoked_at_ms,
      extract(epoch FROM ends_at)::float8 * 1000 AS ends_at_ms
    FROM revocations WHERE ends_at > clock_timestamp() ORDER BY revoked_at`,
};

interface Row {
  city_id: string;
  kind: Revocation['kind'];
  name: string;
  revoked_at_ms: number;
  ends_at_ms: number;
}

/** What was revoked, kept over restarts until the tokens have expired by themselves. */
export class RevocationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of one name the later times count. */
  async add({ cityId, kind, name, revokedAtMs, endsAtMs }: Revocation): Promise<void> {
    await this.#database.query(REVOKE, [cityId, kind, name, revokedAtMs, endsAtMs]);
  }

  /** Oldest first. */
  async live(): Promise<readonly Revocation[]> {
    return (await this.#database.query<Row>(LIVE, [])).map((row) => ({
      cityId: row.city_id,
      kind: row.kind,
      name: row.name,
      revokedAtMs: Math.round(row.revoked_at_ms),
      endsAtMs: Math.round(row.ends_at_ms),
    }));
  }
}
