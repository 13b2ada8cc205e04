/** A key of a wallet is stolen whose keys are its own for ever: nothing is thawed until another wallet has its place, in which that key has no part. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  chainKeys,
  freezeDigest,
  policyDigest,
  signStatement,
  type BitcoinWallet,
  type Policy,
  type SignedThaw,
} from '@kuramori/core';
import { answered, keepers, statementOf, tower, why } from '../core/testing/house.ts';
import { openFreezer, type Freezer } from './frozen.ts';
import { openIncident } from './incident.ts';
import { stopping } from './stopping.ts';
import { hot, policy } from './testing/litecoin.ts';

const [stolen = ''] = hot.cosigners.map(({ publicKey }) => publicKey);
const next = (first: string): BitcoinWallet => ({
  ...hot,
  id: 'hot-ltc-2',
  address: 'another',
  cosigners: hot.cosigners.map((one, at) => (at === 0 ? { ...one, publicKey: first } : one)),
});
const under = (wallet: BitcoinWallet | null, named = true): Policy => ({
  ...policy,
  wallets: policy.wallets.flatMap((one) => {
    if (one.id !== hot.id || !wallet) return one;
    return [named ? { ...hot, successor: wallet.id } : hot, wallet];
  }),
});

let folder: string;
let freezer: Freezer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-thaw-'));
  freezer = openFreezer(join(folder, 'frozen.json'), tower);
  const evidence = { bytes: '00', signer: stolen, signature: '00', statements: [statementOf('00')] };
  freezer.alarm({ at: 1, why: 'a spend', sight: 'a spend', evidence: { wallet: hot.id, evidence } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function thawed(of: Policy): ReturnType<Freezer['thaw']> {
  const inForce = { policy: of, digest: policyDigest(of) };
  const lifts = freezer.state()?.freezes.map(freezeDigest) ?? [];
  const thaw = { lifts, suspends: [], policy: inForce.digest, notBefore: 1, ...answered };
  const signatures = keepers.map((key) => ({
    keeper: key.publicKey,
    signature: signStatement(key, 'thaw', thaw),
  }));
  return stopping({
    freezer,
    incident: openIncident(join(folder, 'incident.jsonl'), [], () => 1),
    now: () => 1,
    standing: () => [of],
    inForce: () => inForce,
    controls: new Map(),
    keysAt: (address) => of.wallets.filter((one) => one.address === address).flatMap(chainKeys),
    tell: () => {},
  }).thaw({ thaw, signatures } satisfies SignedThaw);
}

it.each<[string, Policy, string]>([
  ['the wallet as it was', under(null), 'stolen-key-pinned'],
  ['another beside it that has no place yet', under(next('xpub of a spare'), false), 'stolen-key-pinned'],
  ['a successor of which the stolen key is one as well', under(next(stolen)), 'stolen-key-pinned'],
  ['a successor without it', under(next('xpub of a spare')), 'thaw-waits'],
])('%s', (_what, of, answer) => {
  expect(why(thawed(of) as { readonly kind: string; readonly why?: string })).toBe(answer);
});

it('what to do is said: a key of a descriptor cannot be rotated out', () => {
  expect(thawed(under(null))).toMatchObject({
    detail: expect.stringMatching(/is still a key of hot-ltc: .*name another wallet its successor/),
  });
});
