import type { Fix } from '../../protocol/index.ts';

/** What a JSON handler does with a message: parse it, and look whether it is a fix. */
export function readJsonFix(text: string): Fix | null {
  const { type, fix } = JSON.parse(text) as { type?: string; fix?: Fix };
  return type === 'fix' && typeof fix?.lat === 'number' && typeof fix.lng === 'number' ? fix : null;
}
