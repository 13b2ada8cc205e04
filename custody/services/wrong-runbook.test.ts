/** A runbook that would leave a service out, or let one person open it, is refused before custody starts: by file, field and what to do. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderFor, readRunbook, usualRunbook } from './runbook.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-runbook-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usual = structuredClone(usualRunbook) as { [field: string]: unknown } & typeof usualRunbook;
const [deposits, withdrawals, trading] = usual.usual.stop;
const [first, second, third] = usual.usual.reopen;

function written(runbook: unknown): string {
  const file = join(folder, 'runbook.json');
  writeFileSync(file, typeof runbook === 'string' ? runbook : JSON.stringify(runbook));
  return file;
}

const wrong: readonly [string, unknown, RegExp][] = [
  ['is no JSON', '{', /runbook\.json: is not JSON/],
  [
    'leaves out a service',
    { ...usual, usual: { ...usual.usual, stop: [deposits, trading] } },
    /usual\.stop: must name each of deposits, trading, withdrawals once/,
  ],
  [
    'names one twice',
    { ...usual, usual: { ...usual.usual, stop: [deposits, deposits, trading] } },
    /usual\.stop: must name each of/,
  ],
  [
    'names one that there is not',
    { ...usual, usual: { ...usual.usual, stop: [deposits, trading, { service: 'all', waitSeconds: 0 }] } },
    /usual\.stop\.2\.service: /,
  ],
  [
    'reopens a service by one person',
    { ...usual, usual: { ...usual.usual, reopen: [first, { ...second, people: 1 }, third] } },
    /usual\.reopen\.1\.people: must be 2 or more/,
  ],
  [
    'reopens only two',
    { ...usual, usual: { ...usual.usual, reopen: [first, second] } },
    /usual\.reopen: must name each of/,
  ],
  [
    'waits for the exchange for an hour',
    { ...usual, usual: { ...usual.usual, stop: [deposits, { ...withdrawals, waitSeconds: 3600 }, trading] } },
    /usual\.stop\.1\.waitSeconds: /,
  ],
  ['never takes silence for a stop', { ...usual, silenceSeconds: 0 }, /silenceSeconds: /],
  ['has a field that nobody reads', { ...usual, reopenAtOnce: true }, /the whole file: .*reopenAtOnce/],
  [
    'names an asset twice',
    { ...usual, assets: [1, 2].map(() => ({ asset: 'nem:xem', ...usual.usual })) },
    /assets: must name no asset twice/,
  ],
];

describe('a runbook', () => {
  it.each(wrong)('that %s is refused', (_what, runbook, why) => {
    expect(() => readRunbook(written(runbook))).toThrow(why);
    expect(() => readRunbook(written(runbook))).toThrow(join(folder, 'runbook.json'));
  });

  it('that is not there is refused', () => {
    expect(() => readRunbook(join(folder, 'none.json'))).toThrow(/none\.json: is not there/);
  });

  it('in docs is the one that counts where none is named', () => {
    const file = fileURLToPath(new URL('../../docs/runbook.json', import.meta.url));
    expect(readRunbook(file)).toEqual(usualRunbook);
    expect(readRunbook(undefined)).toEqual(usualRunbook);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(usualRunbook);
  });

  it('says for one asset something else than for the others', () => {
    const other = { stop: [trading, withdrawals, deposits], reopen: [third, second, first] };
    const runbook = readRunbook(written({ ...usual, assets: [{ asset: 'nem:xem', ...other }] }));
    expect(orderFor(runbook, 'nem:xem')).toMatchObject(other);
    expect(orderFor(runbook, 'nem:other')).toEqual(usual.usual);
  });
});
