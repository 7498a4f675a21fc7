import { html, type Html } from './html.ts';

export const STYLE_PATH = '/docs/style.css';

const PAGES = [
  ['/docs', 'Overview'],
  ['/docs/rest', 'REST'],
  ['/docs/socket', 'Socket'],
  ['/docs/errors', 'Errors'],
] as const;
export type PagePath = (typeof PAGES)[number][0];

/** A whole page: without scripts, and without anything from elsewhere. */
export function page(path: PagePath, title: string, content: Html): string {
  const links = PAGES.map(([href, name]) =>
    href === path
      ? html`<a href="${href}" aria-current="page">${name}</a> `
      : html`<a href="${href}">${name}</a> `,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - Hexfleet</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${STYLE_PATH}" />
      </head>
      <body>
        <header>
          <strong>Hexfleet</strong>
          <nav>${links}</nav>
        </header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.text;
}
