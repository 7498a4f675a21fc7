import { required } from '../../runtime/index.ts';
import { courierSockets } from '../fleet/fleet.ts';
import { pin } from '../harness/index.ts';
import { BenchCity } from '../orders/bench-city.ts';
import type { Contender } from './contender.ts';

let starts = 0;

/** The engine as `npm start` runs it: every fix checked, filtered, indexed, stored and looked up. */
export const ENGINE: Contender = {
  part: 'engine',
  name: 'Hexfleet',
  encoding: 'binary',
  async start({ options, directory }, pinning) {
    starts += 1;
    const city = await BenchCity.start({ ...options, directory: `${directory}/${starts}` });
    try {
      await city.everybodyWorks();
      if (pinning !== null) await pin(await city.serverPids(), pinning.server);
      return {
        url: city.engine.facts.url,
        couriers: await courierSockets(options.couriers, (id) => city.token('courier', id)),
        async cpu() {
          const { engine, postgres } = await city.cpuSeconds();
          return { server: required(engine, 'CPU times'), behind: required(postgres, 'CPU times') };
        },
        taken: () => city.counter('hexfleet_fixes_total{outcome="taken"}'),
        shed: () => city.counter('hexfleet_history_fixes_shed_total'),
        stop: () => city.stop(),
      };
    } catch (error) {
      await city.stop();
      throw error;
    }
  },
};
