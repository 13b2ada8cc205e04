import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { signStatement, watchtowerRoutes } from '@kuramori/core';
import { toNisJson, sign, encode } from '@kuramori/chains/nem/codec';
import { keyNamed, xem } from '../core/testing/house.ts';
import { Liar } from './testing/liar.ts';
import {
  cold,
  cosigners,
  hot,
  lookout,
  thiefsAddress,
  until,
  type Lookout,
  type Options,
} from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
let liar: Liar;
async function open(options: Options = {}): Promise<void> {
  l = await lookout({
    ...options,
    through: async ([first = '', second = '']) => {
      liar = await Liar.before(second);
      return [first, liar.url];
    },
  });
  await l.seeing();
}
afterEach(async () => {
  await l[Symbol.asyncDispose]();
  await liar[Symbol.asyncDispose]();
});

const blind = () => l.sees().blind;
const nonces = ['0'.repeat(32)];

describe('a node that lies, lags or is silent: the watchtower says nothing that pays', () => {
  const lies: readonly (readonly [what: string, expected: RegExp, lie: Exclude<Liar['lie'], null>])[] = [
    ['is silent', /no answer within|silent for more/, 'silent'],
    ['speaks no JSON', /is not JSON/, 'no json'],
    [
      'speaks another form',
      /height/,
      (path, body) => (path === '/chain/height' ? { height: 'seven' } : body),
    ],
    [
      'names another block',
      /disagree|gave block/,
      (path, body) => (path.endsWith('blocks-after') ? changeBlocks(body) : body),
    ],
    ['has no account of ours', /account/, (path, body) => (path.startsWith('/account/get') ? {} : body)],
  ];

  it.each(lies)('%s', async (_what, expected, lie) => {
    await open({ silenceMs: 2_000 });
    const entry = await l.record('signer-1');
    liar.lie = lie;
    await l.harvest();
    const refused = async () => {
      const fact = await l.tower().fact({ wallet: 'hot', nonces, plans: [] });
      return fact.kind === 'refused' ? `${fact.why} ${fact.detail}` : '';
    };
    await until('a refusal', async () => expected.test(await refused()), 12_000);
    expect(await l.tower().countersign(entry)).toMatchObject({ kind: 'refused', why: 'blind' });
    // A lie is no freeze, and once the node is honest again all goes on.
    expect(l.tower().status().frozen).toBe(null);
    liar.lie = null;
  });

  it('one silent node does not slow the eye on the other', async () => {
    await open();
    liar.lie = 'silent';
    await until('it to be noticed', () => blind() !== null, 12_000);
    const began = performance.now();
    const [first] = cosigners;
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()), first);
    await until('the freeze', () => l.tower().status().frozen !== null);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

function changeBlocks(body: Record<string, unknown>): unknown {
  const data = body['data'] as { hash: string }[];
  return { ...body, data: data.map((block) => ({ ...block, hash: 'f'.repeat(64) })) };
}

describe('a transaction that a node made up', () => {
  it('freezes, but is no evidence; and does not stand in for what is', async () => {
    await open();
    const [first] = cosigners;
    const invented = wrapped(first, transfer(hot, thiefsAddress, xem('2'), l.now()), l.now());
    const signature = sign(cold.privateKey, encode(invented));
    liar.lie = (path, body) =>
      path.startsWith(`/account/unconfirmedTransactions?address=${hot.address}`)
        ? {
            data: [
              {
                meta: { data: null },
                transaction: JSON.parse(JSON.stringify(toNisJson(invented, signature, []))) as unknown,
              },
            ],
          }
        : body;
    await until('the freeze', () => l.tower().status().frozen !== null);
    liar.lie = null;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(l.incident()).not.toContain('evacuation sent');
    expect(JSON.parse(readFileSync(join(l.folder, 'frozen.json'), 'utf8'))).toMatchObject({ evidence: {} });
    expect(readFileSync(join(l.folder, 'frozen.json'), 'utf8')).not.toContain(invented.signer);
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('3'), l.now()), l.now()), first);
    await until('the evacuation', () => l.incident().includes('evacuation sent'));
  });
});

describe('a node that tells another balance', () => {
  it('is an incident of its own, and no difference of the books', async () => {
    await open();
    await l.harvest();
    liar.lie = (path, body) => {
      const { account } = body as { account?: { balance: number } };
      return path.startsWith('/account/get') && account
        ? { ...body, account: { ...account, balance: account.balance + 1 } }
        : body;
    };
    await l.harvest();
    await until('it to be told', () => l.incident().includes('nodes disagree on a balance'));
    expect(l.incident()).not.toContain('books and chain apart');
    expect(l.tower().status().frozen).toBe(null);
  });
});

describe('a journal that nobody signed', () => {
  it('is not taken from the caller', async () => {
    await open();
    const { entry } = await l.record('signer-1');
    const forged = { ...entry, at: entry.at + 1 };
    const signature = signStatement(keyNamed('thief'), 'journal-entry', forged);
    expect(await l.tower().countersign({ entry: forged, signature })).toMatchObject({ why: 'signature' });
    expect(watchtowerRoutes.countersign.path).toBe('/v1/countersign');
  });
});
