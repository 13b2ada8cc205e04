/** The pages' beginning: language and colours as this browser had them last, then the console. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { InLanguage } from './language.tsx';
import { paint } from './theme.ts';

paint();
const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <InLanguage>
    <App />
  </InLanguage>,
);
