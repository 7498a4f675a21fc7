/** Text that is HTML already; everything else is escaped where it is put into some. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | readonly Part[];

/** @example html`<td>${name}</td>` */
export function html(text: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(String.raw({ raw: text }, ...parts.map(textOf)));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
}

/**
 * What stands between backticks is code.
 * @param hrefOf where a piece of code is explained, if anywhere
 */
export function prose(text: string, hrefOf: (code: string) => string | null = () => null): Html {
  const parts = text.split('`').map((part, i) => {
    if (i % 2 === 0) return part;
    const href = hrefOf(part);
    const code = html`<code>${part}</code>`;
    return href === null ? code : html`<a href="${href}">${code}</a>`;
  });
  return html`${parts}`;
}

/** Paragraphs, with an empty line between them. */
export function paragraphs(text: string): Html {
  return html`${text.split('\n\n').map((part) => html`<p>${prose(part)}</p> `)}`;
}
