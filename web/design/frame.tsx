import type { ComponentChildren, JSX } from 'preact';
import { chooseLanguage, isLocale, language, LOCALES, t } from '../i18n/locale.ts';
import { Button, Icon } from './controls.tsx';
import { chooseTheme, theme, THEMES } from './theme.ts';
import { Toasts } from './toasts.tsx';

interface FrameProps {
  /** What this page is about, beside the brand. */
  readonly where: string;
  /** Null: nobody is signed in. */
  readonly who: { readonly name: string; readonly signOut: () => unknown } | null;
  /** More tools of the page, before the common ones. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** What is around every page: where one is, who one is, light or dark, and the language. */
export function Frame({ where, who, tools, children }: FrameProps): JSX.Element {
  return (
    <>
      <header class="frame-head">
        <a class="frame-brand" href="/" aria-label={t('app.name')}>
          <Mark />
        </a>
        <span class="frame-where">{where}</span>
        <div class="frame-tools">
          {tools}
          <LanguageChoice />
          <ThemeSwitch />
          {who === null ? null : (
            <Button kind="quiet" label={`${t('app.signOut')}: ${who.name}`} onPress={who.signOut}>
              <Icon name="leave" />
            </Button>
          )}
        </div>
      </header>
      <main class="frame-main">{children}</main>
      <Toasts />
    </>
  );
}

function LanguageChoice(): JSX.Element {
  return (
    <select
      class="select"
      aria-label={t('app.language')}
      value={language.value.locale}
      onChange={({ currentTarget: { value } }) => {
        if (isLocale(value)) void chooseLanguage(value);
      }}
    >
      {Object.entries(LOCALES).map(([locale, { name }]) => (
        <option key={locale} value={locale} lang={locale}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** From one to the next: as the system, light, dark. */
function ThemeSwitch(): JSX.Element {
  const now = theme.value;
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? 'system';
  return (
    <Button
      kind="quiet"
      label={`${t('app.theme')}: ${t(`app.theme.${now}`)}`}
      onPress={() => chooseTheme(next)}
    >
      <Icon name="sun" />
    </Button>
  );
}

function Mark(): JSX.Element {
  return (
    <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">
      <path fill="var(--accent)" d="M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75z" />
      <path
        fill="var(--on-accent)"
        d="M16 8.2c-3.3 0-6 2.6-6 5.9 0 4.3 6 9.9 6 9.9s6-5.6 6-9.9c0-3.3-2.7-5.9-6-5.9zm0 8.2a2.3 2.3 0 1 1 0-4.6 2.3 2.3 0 0 1 0 4.6z"
      />
    </svg>
  );
}
