import './courier.css';
import { t } from '../i18n/locale.ts';
import { beginPage } from '../session/begin-page.tsx';
import { CourierPage } from './courier-page.tsx';
import { keepShell } from './keep-shell.ts';

keepShell();
await beginPage('courier', () => t('courier.title'), CourierPage);
