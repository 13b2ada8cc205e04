/** Transcript: verified and printed, on any machine, with nothing but the file. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ceremonyHash, readTranscript, type SignedCeremony } from '@kuramori/core';
import { listing, print, say } from '../command.ts';
import { tellRehearsals } from './rehearsals.ts';

export interface Against {
  /** The last digest that people noted on paper. */
  readonly last: string | null;
  /** The signer's record key, from its policy or from paper. */
  readonly key: string | null;
}

export function showTranscript(path: string, { last, key }: Against, json: boolean): number {
  const file = statSync(path).isDirectory() ? join(path, 'ceremony.jsonl') : path;
  if (!existsSync(file)) throw new Error(`${file}: is not there: no ceremony was held in this folder`);
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n');
  const read = readTranscript(lines.slice(0, -1));
  const flaws: string[] = [];
  if (lines.at(-1) !== '')
    flaws.push(
      `${file}: its last line is torn: a ceremony was interrupted there, or somebody cut it. The next one takes it away`,
    );
  if (read.kind === 'refused') flaws.push(`${file}: line ${read.line}: ${read.why}`);
  else {
    if (read.recordKey === null) flaws.push(`${file}: holds no entry`);
    if (key !== null && read.recordKey !== key)
      flaws.push(`${file}: is foreign: of the key ${read.recordKey}, and not of ${key}`);
    if (last !== null && read.last !== last) flaws.push(`${file}: ${endsElsewhere(read.entries, last)}`);
  }
  for (const flaw of flaws) say(flaw);
  const holds = flaws.length === 0;
  if (json)
    print(
      JSON.stringify({
        holds,
        flaws,
        ...(read.kind === 'transcript'
          ? { entries: read.entries, last: read.last, rehearsals: tellRehearsals(read.entries, Date.now()) }
          : {}),
      }),
    );
  else if (read.kind === 'transcript') {
    for (const one of read.entries) print(entryText(one));
    // Beside a flaw nothing that it says counts.
    if (holds) for (const line of tellRehearsals(read.entries, Date.now())) print(line);
    if (holds) print(`holds: ${read.entries.length} entries of ${read.recordKey}\nlast  ${read.last}`);
  }
  return holds ? 0 : 1;
}

function endsElsewhere(entries: readonly SignedCeremony[], last: string): string {
  const place = entries.findIndex(({ entry }) => ceremonyHash(entry) === last);
  return place < 0
    ? `has no entry ${last}: it was shortened, or is another transcript`
    : `goes on after the entry that was noted: ${entries.length - place - 1} more, for which there is no paper`;
}

function entryText({ entry, signature }: SignedCeremony): string {
  const { seq, at, step, outcome, present, program, what } = entry;
  const rows: [string, string][] = [
    ['present', present.join(', ')],
    ['program', `${program.code}, Node ${program.node}`],
    ...what.map(({ name, value }): [string, string] => [name, value]),
    ...(signature === null ? [['', 'not signed: the keys were not opened'] as [string, string]] : []),
  ];
  const table = listing(rows).replaceAll(/^/gm, '      ');
  return `${String(seq).padStart(4)}  ${new Date(at).toISOString()}  ${step}: ${outcome}\n${table}\n      entry ${ceremonyHash(entry)}`;
}
