/** What nodes that speak JSON-RPC have in common under chaos. */
import type { Reach } from '../act.ts';
import type { Lies } from '../proxy.ts';

/** No height to skip: whoever asks such a node asks block by block. */
export const lines: Reach['lines'] = ['cut', 'half', 'slow', 'silent', 'garbage', 'stale', 'other-hashes'];

export const lies: Lies = {
  // Of blocks and transactions: another chain of the same shape.
  'other-hashes': (answer) => answer.replaceAll(/"(0x)?([0-9a-f]{63})[0-9a-f]"/g, '"$1$20"'),
};

/** Of twelve acts: seven kills, two full disks, and three others; no clock, since real nodes keep real time. */
export const kinds: Reach['kinds'] = [
  ...Array.from({ length: 7 }, () => 'kill' as const),
  'full disk',
  'full disk',
  'other',
  'other',
  'other',
];
