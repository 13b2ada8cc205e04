/** Custody's word for its own code: by the books' key and of this minute, else it is nobody's. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signStatement, type CustodyCode, type SigningKey } from '@kuramori/core';
import { books, keyNamed } from '../core/testing/house.ts';
import { lookout, until, type Lookout } from './testing/lookout.ts';

const [pinned, other] = ['c'.repeat(64), 'd'.repeat(64)];
let l: Lookout;
beforeAll(async () => {
  l = await lookout({ release: { custody: [pinned] } });
  await l.seeing();
}, 30_000);
afterAll(() => l[Symbol.asyncDispose]());

function said(more: Partial<CustodyCode> = {}, by: SigningKey = books) {
  const statement: CustodyCode = {
    network: l.policy.network,
    exchange: 'exchange-1',
    session: '0'.repeat(32),
    at: l.clock.ms,
    code: { digest: pinned, measuredAt: l.clock.ms, changed: [] },
    ...more,
  };
  return { statement, signature: signStatement(by, 'custody-code', statement) };
}
const code = (digest: string, file?: string): CustodyCode['code'] => ({
  digest,
  measuredAt: l.clock.ms,
  changed: file === undefined ? [] : [{ file, at: l.clock.ms }],
});
const signs = () => l.tower().status().signs;

it.each([
  ['by another key', () => said({ code: code(other) }, keyNamed('a stranger'))],
  ['altered on its way', () => ({ ...said(), statement: said({ code: code(other) }).statement })],
  ['of two minutes ago', () => said({ code: code(other), at: l.clock.ms - 120_000 })],
  ['of another network', () => said({ code: code(other), network: 'mainnet' })],
])('%s is refused', async (_, make) => {
  expect(l.tower().code(make())).toMatchObject({ kind: 'refused' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(signs()).toEqual([]);
});

it('what is pinned is no sign; another digest, and a change under it, are one each', async () => {
  expect(l.tower().code(said())).toEqual({ kind: 'done' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(signs()).toEqual([]);
  for (let count = 1; count < 30; count += 1) {
    const session = count.toString(16).padStart(32, '0');
    l.tower().code(said({ session, code: code(other, `core/${count}.ts`) }));
  }
  await until('both signs', () => signs().length === 2);
  expect(l.incident()).toEqual([
    'a process runs code of no release',
    'code was changed under a running process',
  ]);
  expect(l.told()[0]).toMatchObject({ process: expect.stringMatching(/^custody /) as string, digest: other });
});
