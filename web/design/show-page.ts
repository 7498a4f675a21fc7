import { render, type ComponentChild } from 'preact';
import { beginLanguage } from '../i18n/locale.ts';
import { beginTheme } from './theme.ts';

/** Shows `content` in the page's place, in the reader's theme and language. */
export async function showPage(content: ComponentChild): Promise<void> {
  beginTheme();
  await beginLanguage();
  const place = document.querySelector('#page');
  if (place !== null) render(content, place);
}
