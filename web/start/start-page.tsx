import type { JSX } from 'preact';
import { Icon, type IconName } from '../design/controls.tsx';
import { Frame } from '../design/frame.tsx';
import { t } from '../i18n/locale.ts';
import { PAGES, pathOf, type PageRow } from '../pages.ts';

const ICONS: Readonly<Record<NonNullable<PageRow['role']>, IconName>> = {
  customer: 'bag',
  restaurant: 'pot',
  courier: 'bike',
  operator: 'tower',
};

/** Who are you? Each page then asks who exactly. */
export function StartPage(): JSX.Element {
  document.title = t('app.name');
  return (
    <Frame where={t('app.name')} who={null}>
      <div class="page-column start">
        <h1>{t('start.title')}</h1>
        <p class="soft">{t('start.intro')}</p>
        <ul class="card-list">
          {PAGES.map((page) =>
            page.role === null ? null : <Choice page={page} role={page.role} />,
          )}
        </ul>
        <p class="small">
          <a href="/docs">{t('start.docs')}</a>
        </p>
      </div>
    </Frame>
  );
}

function Choice({ page, role }: { page: PageRow; role: NonNullable<PageRow['role']> }) {
  return (
    <li>
      <a class="card start-choice" href={pathOf(page)}>
        <span class="start-icon">
          <Icon name={ICONS[role]} size={28} />
        </span>
        <span>
          <b>{t(`start.${role}`)}</b>
          <span class="soft">{t(`start.${role}.what`)}</span>
        </span>
      </a>
    </li>
  );
}
