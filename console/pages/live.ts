/** Live: the overview as the desk sends it, and whether what is shown is still true. */
import { useEffect, useState } from 'react';
import type { Overview } from '../wire/index.ts';
import { get } from './ask.ts';

/** The desk sends one a second; without one for so long nobody may believe the figures. ms */
const patienceMs = 5_000;

export interface Live {
  readonly overview: Overview | null;
  readonly stale: boolean;
}

export function useLive(): Live {
  const [live, setLive] = useState<Live>({ overview: null, stale: false });
  useEffect(() => {
    let late: ReturnType<typeof setTimeout> | undefined;
    const stale = () => setLive(({ overview }) => ({ overview, stale: true }));
    const wait = () => {
      clearTimeout(late);
      late = setTimeout(stale, patienceMs);
    };
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource('/api/live');
      source.addEventListener('message', ({ data }: MessageEvent<string>) => {
        setLive({ overview: JSON.parse(data) as Overview, stale: false });
        wait();
      });
      source.addEventListener('error', () => {
        stale();
        source?.close();
        // An EventSource does not say why; whoever is logged out is told so by any other question.
        void get('/api/me');
        again = setTimeout(open, 2_000);
      });
    };
    open();
    wait();
    return () => {
      clearTimeout(late);
      clearTimeout(again);
      source?.close();
    };
  }, []);
  return live;
}
