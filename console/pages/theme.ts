/** Theme: dark or light, as the machine has it until somebody says otherwise. */
const dark = matchMedia('(prefers-color-scheme: dark)');

export type Theme = 'dark' | 'light';

export function theme(): Theme {
  const said = localStorage.getItem('theme');
  return said === 'dark' || said === 'light' ? said : dark.matches ? 'dark' : 'light';
}

export function paint(next?: Theme): Theme {
  if (next) localStorage.setItem('theme', next);
  const now = theme();
  document.documentElement.dataset['theme'] = now;
  return now;
}

dark.addEventListener('change', () => paint());
