/** Desk: everything that the server is wired to. Made once, in main.ts. */
import type { Pool } from 'pg';
import type { Place } from './config.ts';
import type { Asked } from './challenge.ts';
import type { Live } from './live.ts';
import type { Knocks } from './knock.ts';
import type { Page } from './pages.ts';

export interface Desk {
  readonly place: Place;
  readonly pool: Pool;
  readonly pages: ReadonlyMap<string, Page>;
  readonly asked: Asked;
  readonly knocks: Knocks;
  readonly live: Live;
  readonly sessions: { readonly idleMinutes: number; readonly hours: number };
  readonly codeMinutes: number;
}
