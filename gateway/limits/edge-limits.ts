import type { Clock, Config, Metrics } from '../../runtime/index.ts';
import { TrustedProxies } from './client-address.ts';
import { limitTable } from './limit-table.ts';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import { RequestLimits } from './request-limits.ts';
import { SocketLimits } from './socket-limits.ts';

/** Everything that limits whom the gateway listens to. */
export interface EdgeLimits {
  readonly proxies: TrustedProxies;
  readonly requests: RequestLimits;
  readonly sockets: SocketLimits;
}

export function edgeLimits(deps: {
  readonly config: Config;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): EdgeLimits {
  const { config, clock, metrics } = deps;
  const table = limitTable(config);
  const limiter = new MemoryRateLimiter(clock);
  const refusals = metrics.counter(
    'hexfleet_rate_limited_total',
    'Requests and sockets that were refused because they were too many, by the limit',
    ['limit'],
  );
  metrics.gauge(
    'hexfleet_rate_limit_keys',
    'Clients, addresses and restaurants that are counted now',
    () => limiter.size,
  );
  return {
    proxies: new TrustedProxies(config.TRUSTED_PROXIES ?? ''),
    requests: new RequestLimits({
      table,
      limiter,
      refusals,
      enabled: config.RATE_LIMITS === 'on',
    }),
    sockets: new SocketLimits({ config, table, openings: limiter, refusals }),
  };
}
