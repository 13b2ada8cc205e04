/**
 * Forgets what nobody refers to any more: collects all garbage, so that V8 gives the places back where keys stood that
 * were wiped, moved or computed with. For rooms that have just locked their keys; it takes tens to hundreds of milliseconds.
 */
import { runInNewContext } from 'node:vm';
import { setFlags } from './flags.ts';

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

export function forget(): void {
  setFlags('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlags('--no-expose-gc');
  // `last-resort` repeats until nothing more is found, and gives the young generation's second half back.
  collect({ type: 'major', flavor: 'last-resort' });
}
