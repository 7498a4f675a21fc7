import type { ErrorSpec } from '../../runtime/index.ts';

/** What both documents say. */

/** Every error code that there is, and what it means. */
export type ErrorCodes = Readonly<Record<string, ErrorSpec>>;

export const LICENSE = { name: 'Apache 2.0', identifier: 'Apache-2.0' };
export const ACCESS_TOKEN = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'HS256; `sub`, `role`, `city`, `iss`, `aud` and `exp` say who, where, until when.',
} as const;
