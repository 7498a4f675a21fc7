import { z } from 'zod';
import { roleSchema } from './actor.ts';
import type { Immutable } from './immutable.ts';
import { TOKEN_LENGTH_MAX } from './limits.ts';
import { idSchema, timeMsSchema } from './places.ts';

/**
 * What the engine's own pages say to it beside the protocol of the apps: signing in without a token in
 * an address or in a page's storage, and what a page needs to know before it knows anybody.
 */

/** Who can use a page; a service account is a program. */
export const pageRoleSchema = roleSchema.exclude(['service']);
export type PageRole = z.output<typeof pageRoleSchema>;

export const signInSchema = z.strictObject({
  token: z.string().min(1).max(TOKEN_LENGTH_MAX).describe('An access token, as for every request.'),
});

export const demoSignInSchema = z.strictObject({
  role: pageRoleSchema,
  subject: idSchema,
  cityId: idSchema,
});
export type DemoSignIn = z.output<typeof demoSignInSchema>;

export const sessionQuerySchema = z.object({
  role: pageRoleSchema.describe('A browser may be somebody of each role at once.'),
});

export const pageSessionSchema = z
  .object({
    role: pageRoleSchema,
    subject: z.string(),
    cityId: z.string(),
    token: z
      .string()
      .describe("For the page's memory; it is kept in a cookie that no script sees."),
    expiresAtMs: timeMsSchema,
  })
  .describe('Who a page speaks for.');
export type PageSession = Immutable<z.output<typeof pageSessionSchema>>;

export const resumedSessionSchema = z.object({
  session: pageSessionSchema.nullable().describe('Null: nobody of this role is signed in.'),
});

export const pagesConfigSchema = z
  .object({
    mapStyleUrl: z
      .string()
      .nullable()
      .describe('A MapLibre style; null: the map is drawn from what the engine knows.'),
    restaurantAnswerSeconds: z.number().describe('City seconds a restaurant has to answer.'),
    timeScale: z.number().describe('City seconds per second of the clock.'),
    testCard: z
      .boolean()
      .describe('Whether payments are for trying out, so that `pm_card_visa` is a card.'),
    demoSignIn: z
      .boolean()
      .describe('Whether anybody at this machine may be anybody, for trying things out.'),
  })
  .describe('What pages need to know of this engine.');
export type PagesConfig = Immutable<z.output<typeof pagesConfigSchema>>;

const namedSchema = z.object({ id: z.string(), name: z.string() });

export const demoPeopleSchema = z
  .object({
    cities: z.array(
      z.object({
        cityId: z.string(),
        name: z.string(),
        restaurants: z.array(namedSchema),
        couriers: z.array(namedSchema),
      }),
    ),
  })
  .describe('Some of whom there is in the cities of this engine, for trying things out.');
export type DemoPeople = Immutable<z.output<typeof demoPeopleSchema>>;
