/** Place: which page is open, as the address says. */
import { useSyncExternalStore } from 'react';

function watch(changed: () => void) {
  addEventListener('popstate', changed);
  return () => removeEventListener('popstate', changed);
}

export function usePlace(): string {
  return useSyncExternalStore(watch, () => location.pathname);
}

export function go(path: string): void {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
  scrollTo(0, 0);
}
