import { ApiError, ConnectionLost } from '../../clients/ts/index.ts';
import type { MessageKey } from './en.ts';
import { en } from './en.ts';
import { t } from './locale.ts';

/**
 * A failure in the reader's words. Codes are for ever, and those that people meet have a message of
 * their own (`failure.CODE`); of another the engine's own words are shown.
 */
export function sayFailure(error: unknown): string {
  if (error instanceof ConnectionLost) return t('app.unreachable');
  if (!(error instanceof ApiError)) throw error;
  const key = `failure.${error.code}`;
  return isKey(key) ? t(key) : t('app.failed.what', { reason: error.message });
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}
