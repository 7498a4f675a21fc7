import './restaurant.css';
import { t } from '../i18n/locale.ts';
import { beginPage } from '../session/begin-page.tsx';
import { RestaurantPage } from './restaurant-page.tsx';

await beginPage('restaurant', () => t('restaurant.title'), RestaurantPage);
