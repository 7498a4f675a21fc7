import './start.css';
import { showPage } from '../design/show-page.ts';
import { StartPage } from './start-page.tsx';

await showPage(<StartPage />);
