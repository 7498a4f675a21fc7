import { expect, test } from 'vitest';
import {
  REST_ROUTES,
  REST_SCHEMAS,
  type RestRoute,
  type RestRouteName,
} from '../../protocol/index.ts';
import { matchRoute } from './routes.ts';

const NAMES = Object.keys(REST_ROUTES) as RestRouteName[];

test.each(NAMES)('%s takes the body that is documented', (name) => {
  const [method = '', path = ''] = name.split(' ');
  const { route } = matchRoute(method, path.replace(/:\w+/g, 'x'));
  const documented: RestRoute = REST_ROUTES[name];
  expect(route?.name).toBe(name);
  // The very same schema: what is checked is what is documented.
  expect(route?.bodySchema).toBe(
    documented.body === undefined ? null : REST_SCHEMAS[documented.body],
  );
});
