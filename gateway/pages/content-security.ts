import type { Config } from '../../runtime/index.ts';

/**
 * What a page of ours may do, as headers: run and show what this engine serves, speak with it and with
 * the hosts of the map, and nothing else. `connect-src 'self'` takes the WebSocket in.
 */

export interface PageSecurity {
  /** Origins of the map's style, tiles, glyphs and sprites; none when it is drawn offline. */
  readonly mapOrigins: readonly string[];
}

/** Where the configured map comes from: its style, and what that names elsewhere. */
export function mapOrigins(config: Pick<Config, 'MAP_STYLE_URL' | 'MAP_HOSTS'>): readonly string[] {
  const { MAP_STYLE_URL: style, MAP_HOSTS: hosts = [] } = config;
  if (style === undefined) return [];
  return [...new Set([new URL(style).origin, ...hosts.map((host) => `https://${host}`)])];
}

/** The one page that asks where its reader is. */
const GEOLOCATION_PATH = '/courier';
const POWERS = [
  'camera',
  'microphone',
  'payment',
  'usb',
  'serial',
  'hid',
  'midi',
  'display-capture',
];

export function pageHeaders(path: string, { mapOrigins }: PageSecurity): Record<string, string> {
  const hosts = mapOrigins.map((origin) => ` ${origin}`).join('');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `connect-src 'self'${hosts}`,
    "style-src 'self'",
    `img-src 'self' data: blob:${hosts}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ];
  const geolocation = path === GEOLOCATION_PATH ? '(self)' : '()';
  const permissions = [`geolocation=${geolocation}`, ...POWERS.map((power) => `${power}=()`)];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Permissions-Policy': permissions.join(', '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}
