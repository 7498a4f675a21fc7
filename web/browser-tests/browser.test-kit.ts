import axe, { type AxeResults } from 'axe-core';
import sparticuz from '@sparticuz/chromium';
import { existsSync } from 'node:fs';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import type { PageRole } from '../../protocol/index.ts';

/** A real Chromium for the tests of the pages. */

const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Maps are drawn by WebGL, which a machine without a graphics card does in software.
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
const STEP_MS_MAX = 30_000;
/** Many steps, and a machine that draws by itself what a graphics card would. */
export const BROWSER_TIMES = { testTimeout: 180_000, hookTimeout: 60_000 };
/** What a browser says of its own accord when the network is cut. */
const NETWORK_NOISE = /net::ERR_|WebSocket connection to/;

/** @throws Error that says what to do when there is no Chromium, or it does not start */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  try {
    return await chromium.launch({ executablePath, args: FLAGS });
  } catch (error) {
    throw new Error(
      `Chromium (${executablePath}) does not start. On Debian or Ubuntu, \`apt-get install chromium\` ` +
        'installs one with everything that it needs.',
      { cause: error },
    );
  }
}

/** The system's, else the one that came with the packages. */
async function findChromium(): Promise<string> {
  const installed = SYSTEM_CHROMIUM.find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  try {
    return await sparticuz.executablePath();
  } catch (error) {
    throw new Error(
      'There is no Chromium for the tests of the pages. `npm ci` installs one (@sparticuz/chromium, ' +
        'Linux on x64), `apt-get install chromium` another.',
      { cause: error },
    );
  }
}

interface Axe {
  run(where: Document, options: unknown): Promise<AxeResults>;
}

/** Whoever knows the people of a city. */
interface SignsTokens {
  token(role: PageRole, subject: string): Promise<string>;
}

/** Somebody at a browser of their own, who hears what the browser complains of. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #url: string;
  readonly #complaints: string[] = [];
  #isOffline = false;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context;
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(STEP_MS_MAX);
    page.on('console', (message) => {
      if (message.type() === 'error') {
        this.#complain(`${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.#complain(error.stack ?? error.message));
  }

  static async come(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({
      locale: 'en-GB',
      colorScheme: 'light',
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    return new Visitor(context, await context.newPage(), url);
  }

  /** Signed in as the session routes would have done, without the form. */
  async isSignedIn(city: SignsTokens, role: PageRole, subject: string): Promise<void> {
    const { hostname } = new URL(this.#url);
    const name = `hexfleet_${role}`;
    const value = await city.token(role, subject);
    const cookie = { name, value, domain: hostname, path: '/v1/session' };
    await this.context.addCookies([{ ...cookie, httpOnly: true, sameSite: 'Strict' }]);
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#url).href);
  }

  /** From now on the network is cut, or given back, and what the browser says of that is no complaint. */
  expectsLoss(isLost: boolean): void {
    this.#isOffline = isLost;
  }

  async chooses(theme: 'light' | 'dark', language: 'en' | 'de' | 'ar' = 'en'): Promise<void> {
    await this.page.evaluate(
      ([theme, language]) => {
        localStorage.setItem('hexfleet.theme', theme);
        localStorage.setItem('hexfleet.language', language);
      },
      [theme, language] as const,
    );
    await this.page.reload();
  }

  /** When the map's ground is there, if there is a map. */
  async drawn(): Promise<void> {
    const map = this.page.locator('.map');
    if ((await map.count()) > 0)
      await this.page.locator('.map[data-drawn="true"]').first().waitFor();
  }

  /** What axe finds serious or critical (WCAG 2.2 AA). */
  async barriers(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    return await this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: Axe };
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
  }

  /** @returns everything that the browser complained of: errors of scripts, of the policy, of loading */
  async leave(): Promise<readonly string[]> {
    await this.context.close();
    return this.#complaints;
  }

  #complain(text: string): void {
    if (this.#isOffline && NETWORK_NOISE.test(text)) return;
    this.#complaints.push(text);
  }
}
