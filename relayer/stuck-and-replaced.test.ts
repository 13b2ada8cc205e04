/** What is in no block: sent again, made dearer within its caps, never given to anything else; gaps below it filled; blocks that are taken back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customer as stranger } from '../chains/ethereum/codec/house.testing.ts';
import { encodeTransaction, type Address, type Transaction } from '../chains/ethereum/codec/index.ts';
import { signHash } from '../chains/ethereum/codec/signing.ts';
import { keccak } from '../chains/ethereum/node/trie.ts';
import { Refuses, type Lie } from '../chains/testing/liar.ts';
import {
  lookerAt,
  must,
  payment,
  scene,
  type Looker,
  type Payment,
  type Scene,
} from '../chains/ethereum/testing/scene.ts';
import { openJournal, spentBy } from './journal.ts';
import { dearer } from './price.ts';
import { account, askFor, openHere, secret, stuckMs, usual, type Here } from './testing/desk.ts';

const gwei = 1_000_000_000n;

describe('stuck, and replaced (anvil)', () => {
  let s: Scene;
  let l: Looker;
  let here: Here;
  beforeAll(async () => {
    s = await scene();
    await s.chain.send(getAddress(s.hot.address), '0x', 10n ** 18n);
    await s.chain.send(getAddress(account), '0x', 10n ** 18n);
    l = lookerAt(s.chain.url, s);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  beforeEach(async () => {
    await s.anvil('evm_setAutomine', false);
    here = openHere(s);
  });
  afterEach(async () => {
    here[Symbol.dispose]();
    await s.anvil('anvil_dropAllTransactions');
    await s.anvil('anvil_mine', '0x3');
  });

  const number = async () => must(await l.client.safe(s.hot, 'latest')).nonce;
  const paying = async (ahead = 0n): Promise<Payment> =>
    payment(s.hot, { recipient: stranger, units: 1n, nonce: (await number()) + ahead });
  const attempts = (paid: Payment) => here.journal.byId(paid.hash)?.attempts ?? [];
  const inPool = async (): Promise<readonly string[]> => {
    const { pending, queued } = (await s.anvil('txpool_content')) as Record<
      string,
      Record<string, Record<string, { hash: string }>>
    >;
    return [pending, queued]
      .flatMap((one) => Object.values(one ?? {}))
      .flatMap((byNonce) => Object.values(byNonce).map(({ hash }) => hash.slice(2)));
  };
  const mined = async () => {
    await s.anvil('anvil_mine', '0x4');
    await here.relayer.round();
  };

  it('a pool that forgets it gets the same bytes again', async () => {
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    const [first] = await inPool();
    await s.anvil('anvil_dropAllTransactions');
    await here.relayer.round();
    expect(await inPool()).toEqual([first]);
    expect(attempts(paid)).toHaveLength(1);
    await mined();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'executed', transaction: first });
  });

  it('stuck: the same payload and number, dearer; and one of them is settled', async () => {
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    here.pass(stuckMs + 1);
    await here.relayer.round();
    const [one, two] = attempts(paid);
    if (!one || !two) throw new Error('not replaced');
    expect({ ...two.transaction, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }).toEqual({
      ...one.transaction,
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
    });
    expect(two.transaction.maxFeePerGas * 8n).toBeGreaterThanOrEqual(one.transaction.maxFeePerGas * 9n);
    expect(await inPool()).toEqual([two.hash]);
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ transactions: [one.hash, two.hash] });
    // What may be paid for a number is what its dearest may cost, once.
    expect(here.relayer.status().spent).toBe(two.transaction.gasLimit * two.transaction.maxFeePerGas);
    await mined();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'executed', transaction: two.hash });
  });

  it('fees-run-away: never above the cap, and what is held says so', async () => {
    here[Symbol.dispose]();
    here = openHere(s, { caps: { maxFeePerGas: 5n * gwei } });
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    for (let times = 0; times < 30; times += 1) {
      here.pass(stuckMs + 1);
      await here.relayer.round();
    }
    const made = attempts(paid);
    expect(made.length).toBeGreaterThan(1);
    expect(made.length).toBeLessThan(20);
    for (const { transaction } of made) expect(transaction.maxFeePerGas).toBeLessThanOrEqual(5n * gwei);
    const why = 'it is at the highest fee that may be paid';
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'under-way', held: why });
    expect(here.relayer.status().held).toEqual([`${here.journal.byId(paid.hash)?.nonce}: ${why}`]);
    expect(await inPool()).toEqual([made.at(-1)?.hash]);
  });

  it('fees-run-away: a day’s cap holds replacements as well', async () => {
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    const most = here.relayer.status().spent;
    const lines = readFileSync(here.file, 'utf8');
    here[Symbol.dispose]();
    here = openHere(s, { caps: { perDay: most }, lines });
    here.pass(stuckMs + 1);
    await here.relayer.round();
    expect(attempts(paid)).toHaveLength(1);
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({
      held: expect.stringMatching(/^it would be \d+ wei in 24 hours, of at most/) as string,
    });
  });

  it('nonce-gap: a number that nothing has is filled with nothing, so that those above it can be', async () => {
    const [one, two] = [await paying(), await paying(1n)];
    await here.relayer.relay(askFor(one));
    await here.relayer.relay(askFor(two));
    // A journal from before the first line, and pools that have forgotten: the second waits for a number of nobody's.
    const [, second = ''] = readFileSync(here.file, 'utf8').split('\n');
    here[Symbol.dispose]();
    await s.anvil('anvil_dropAllTransactions');
    here = openHere(s, { lines: `${second}\n` });
    const next = Number(must(await l.client.account(account, 'latest')).nonce);
    await here.relayer.round();
    expect(here.journal.numbered(next)).toBe(undefined);
    here.pass(stuckMs + 1);
    await here.relayer.round();
    const gap = here.journal.numbered(next);
    expect(gap).toMatchObject({
      carries: null,
      attempts: [{ transaction: { to: account, data: '', value: 0n } }],
    });
    await mined();
    expect(gap && here.journal.numbered(next)?.settled).toMatchObject({ ok: true });
    // The Safe's first number is still free: the second failed, told so, and both are carried again.
    expect(here.relayer.fate({ id: two.hash })).toMatchObject({ kind: 'reverted', why: 'GS026' });
    expect((await here.relayer.relay(askFor(one))).kind).toBe('under-way');
    expect((await here.relayer.relay(askFor(two))).kind).toBe('under-way');
    await mined();
    expect([one, two].map(({ hash }) => here.relayer.fate({ id: hash }).kind)).toEqual([
      'executed',
      'executed',
    ]);
  });

  it('a number that somebody else has used with this key is told, and the execution is carried again', async () => {
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    await s.anvil('anvil_dropAllTransactions');
    const thief = privateKeyToAccount(`0x${secret.toHex()}`);
    await s.chain.client.sendTransaction({
      account: thief,
      to: getAddress(stranger),
      value: 1n,
      maxFeePerGas: 50n * gwei,
      maxPriorityFeePerGas: gwei,
    });
    await mined();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'displaced' });
    expect((await here.relayer.relay(askFor(paid))).kind).toBe('under-way');
    await mined();
    expect(here.relayer.fate({ id: paid.hash }).kind).toBe('executed');
  });

  it('what waits in a pool and is in no journal keeps its number', async () => {
    const thief = privateKeyToAccount(`0x${secret.toHex()}`);
    const next = Number(must(await l.client.account(account, 'latest')).nonce);
    await s.chain.client.sendTransaction({
      account: thief,
      nonce: next,
      to: getAddress(stranger),
      value: 1n,
      maxFeePerGas: 50n * gwei,
      maxPriorityFeePerGas: gwei,
    });
    const fate = await here.relayer.relay(askFor(await paying()));
    expect(fate).toMatchObject({ kind: 'under-way', nonce: next + 1 });
  });

  it.each([1, 2])('reorganised, %i deep: sent again as it was, and settled once', async (depth) => {
    const paid = await paying();
    await here.relayer.relay(askFor(paid));
    await s.anvil('anvil_mine', `0x${depth}`);
    await here.relayer.round();
    expect(here.relayer.fate({ id: paid.hash }).kind).toBe('under-way');
    await s.anvil('anvil_reorg', depth, []);
    await s.anvil('anvil_dropAllTransactions');
    expect(await inPool()).toEqual([]);
    await here.relayer.round();
    expect(await inPool()).toEqual(attempts(paid).map(({ hash }) => hash));
    await mined();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({
      kind: 'executed',
      transaction: attempts(paid)[0]?.hash,
    });
    const lines = readFileSync(here.file, 'utf8').split('\n').slice(0, -1);
    expect(lines).toHaveLength(2);
  });
});

describe('one node of three lies (anvil, and somebody in front of it)', () => {
  let s: Scene;
  let here: Here;
  beforeAll(async () => {
    s = await scene();
    await s.chain.send(getAddress(s.hot.address), '0x', 10n ** 18n);
    await s.chain.send(getAddress(account), '0x', 10n ** 18n);
    here = openHere(s, { urls: [s.chain.url, s.liar.endpoint.url, s.chain.url] });
  }, 60_000);
  afterAll(async () => {
    here[Symbol.dispose]();
    await s[Symbol.asyncDispose]();
  });

  const lies: readonly (readonly [what: string, lie: Lie])[] = [
    [
      'what gas costs',
      (method, _params, result) =>
        method === 'eth_feeHistory'
          ? { baseFeePerGas: ['0xffffffffffff'], reward: [['0xffffffffff']] }
          : result,
    ],
    [
      'that it would fail',
      (method, _params, result) =>
        method === 'eth_estimateGas'
          ? new Refuses({ code: 3, message: 'execution reverted', data: '0x' })
          : result,
    ],
    [
      'what waits',
      (method, _params, result) => (method === 'eth_getTransactionCount' ? '0xffffffffffff' : result),
    ],
    [
      'what became of it',
      (method, _params, result) => (method === 'eth_getTransactionByHash' ? null : result),
    ],
    [
      'what the account and the Safe are',
      (method, _params, result) =>
        method === 'eth_getProof' ? { ...(result as object), accountProof: [] } : result,
    ],
    ['which chain it serves, or nothing', () => '0x1'],
  ];

  it.each(lies)('about %s: the others pay all the same, once, at what it costs', async (_, lie) => {
    const reader = lookerAt(s.chain.url, s).client;
    const { nonce } = must(await reader.safe(s.hot, 'latest'));
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce });
    s.liar.lie = lie;
    expect(await here.relayer.relay(askFor(paid))).toMatchObject({ kind: 'under-way', nonce: Number(nonce) });
    const [attempt] = here.journal.byId(paid.hash)?.attempts ?? [];
    expect(attempt?.transaction.maxFeePerGas).toBeLessThan(10n * gwei);
    await s.anvil('anvil_mine', '0x4');
    await here.relayer.round();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({
      kind: 'executed',
      transaction: attempt?.hash,
    });
  });
});

describe('the journal', () => {
  const transaction: Transaction = {
    chainId: 31_337n,
    nonce: 4n,
    maxPriorityFeePerGas: gwei,
    maxFeePerGas: 20n * gwei,
    gasLimit: 21_000n,
    to: account,
    value: 0n,
    data: '',
  };
  const raw = (change: Partial<Transaction> = {}) => {
    const bytes = encodeTransaction({ ...transaction, ...change });
    return encodeTransaction(
      { ...transaction, ...change },
      signHash(secret, Uint8Array.fromHex(keccak(Uint8Array.fromHex(bytes)))),
    );
  };
  const line = (change: Partial<Transaction> = {}, nonce = 4) =>
    ({ kind: 'sends', at: 1, nonce, carries: null, raw: raw(change) }) as const;
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kuramori-relayer-'));
    file = join(folder, 'journal.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes no other payload for a number, no number that its bytes have not, and nothing after it is settled', () => {
    using journal = openJournal(file);
    journal.append(line());
    journal.append(line({ maxFeePerGas: 30n * gwei }));
    for (const [change, why] of [
      [{ data: '00' }, 'is given to something else'],
      [{ to: stranger as Address }, 'is given to something else'],
      [{ gasLimit: 22_000n }, 'is given to something else'],
      [{ chainId: 1n }, 'is given to something else'],
      [{ nonce: 5n }, 'its bytes have another'],
    ] as const)
      expect(() => journal.append(line(change))).toThrow(why);
    expect(() => journal.append({ ...line(), raw: encodeTransaction(transaction) })).toThrow(
      'none that was signed',
    );
    expect(() => journal.append({ ...line(), carries: { wallet: 'hot', plan: 'c0' } })).toThrow(
      'cannot be read',
    );
    const settled = {
      kind: 'settled',
      at: 2,
      nonce: 4,
      transaction: null,
      height: 1,
      block: null,
      ok: false,
      why: null,
      cost: 7n,
    } as const;
    expect(() => journal.append({ ...settled, nonce: 9 })).toThrow('was never given');
    journal.append(settled);
    expect(() => journal.append(settled)).toThrow('settled already');
    expect(() => journal.append(line())).toThrow('settled already');
    // What it refused it did not write: it opens again, to the same.
    using again = openJournal(file);
    expect(again.numbers()).toEqual(journal.numbers());
    expect(spentBy(again.numbers(), 3)).toBe(7n);
    expect(spentBy(again.numbers(), 3 + 24 * 3_600_000)).toBe(0n);
  });

  it('a damaged line keeps it shut, by its number', () => {
    {
      using journal = openJournal(file);
      journal.append(line());
      journal.append(line({ maxFeePerGas: 30n * gwei }));
    }
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"nonce":4', '"nonce":5'));
    expect(() => openJournal(file)).toThrow(/line 1 is damaged/);
    // A torn last line was never answered for.
    writeFileSync(file, text.slice(0, -20));
    using again = openJournal(file);
    expect(again.numbered(4)?.attempts).toHaveLength(1);
  });
});

describe('a price', () => {
  const most = { maxFeePerGas: usual.maxFeePerGas, maxPriorityFeePerGas: usual.maxPriorityFeePerGas };
  const fee = fc.bigInt({ min: 0n, max: 2n * usual.maxFeePerGas });
  const fees = fc.tuple(fee, fee).map(([one, other]) => ({
    maxFeePerGas: one > other ? one : other,
    maxPriorityFeePerGas: one > other ? other : one,
  }));

  it('a replacement pays an eighth more of both, never above the caps, never a tip above the whole', () => {
    fc.assert(
      fc.property(fees, fees, (before, now) => {
        const next = dearer(before, now, most);
        if (next === null) return;
        expect(next.maxFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxFeePerGas * 9n);
        expect(next.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGas * 9n);
        expect(next.maxFeePerGas).toBeLessThanOrEqual(most.maxFeePerGas);
        expect(next.maxPriorityFeePerGas).toBeLessThanOrEqual(most.maxPriorityFeePerGas);
        expect(next.maxPriorityFeePerGas).toBeLessThanOrEqual(next.maxFeePerGas);
      }),
      { numRuns: 500 },
    );
  });
});
