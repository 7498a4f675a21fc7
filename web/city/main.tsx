import './city.css';
import { t } from '../i18n/locale.ts';
import { beginPage } from '../session/begin-page.tsx';
import { CityPage } from './city-page.tsx';

await beginPage('operator', () => t('city.title'), CityPage);
