import { html, type Html, type Part } from './html.ts';

/** @param rows one part for each head; a row may have an id that can be linked to */
export function table(
  heads: readonly string[],
  rows: readonly { readonly id?: string; readonly cells: readonly Part[] }[],
): Html {
  if (rows.length === 0) return html``;
  const lines = rows.map(({ id, cells }) => {
    const content = cells.map((cell) => html`<td>${cell}</td>`);
    return id === undefined
      ? html`<tr>
          ${content}
        </tr> `
      : html`<tr id="${id}">
          ${content}
        </tr> `;
  });
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
}
