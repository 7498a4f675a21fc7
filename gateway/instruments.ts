import type { Metrics } from '../runtime/index.ts';

/** What the sessions of one gateway count. */
export interface GatewayInstruments {
  readonly commands: ReturnType<Metrics['counter']>;
  readonly commandSeconds: ReturnType<Metrics['latency']>;
  readonly opened: ReturnType<Metrics['counter']>;
}

/** @param openSockets how many there are now */
export function gatewayInstruments(
  metrics: Metrics,
  openSockets: () => number,
): GatewayInstruments {
  metrics.gauge('hexfleet_sockets', 'WebSockets that are open', openSockets);
  return {
    commands: metrics.counter('hexfleet_commands_total', 'Commands by what became of them', [
      'type',
      'outcome',
    ]),
    commandSeconds: metrics.latency('hexfleet_command_seconds', 'Time to the answer', ['type']),
    opened: metrics.counter('hexfleet_sockets_opened_total', 'WebSockets that were opened', [
      'role',
    ]),
  };
}
