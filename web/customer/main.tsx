import './customer.css';
import { t } from '../i18n/locale.ts';
import { beginPage } from '../session/begin-page.tsx';
import { CustomerPage } from './customer-page.tsx';

await beginPage('customer', () => t('customer.title'), CustomerPage);
