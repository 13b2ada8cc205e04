/** Whoever changes a Safe without its owners' signatures, or with signatures that no record covers: it is told, by events and by storage. */
import { controlOf, ETH, type EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, type Abi, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customer as stranger, made, owners, secretNamed, spare } from '../codec/house.testing.ts';
import {
  encodeExecution,
  encodePlan,
  ethereum,
  guardKeysOf,
  guardOf,
  planRotation,
  safeHash,
  shareOf,
  word,
  zeroAddress,
  type Address,
  type Bound,
} from '../codec/index.ts';
import { deploySafe, ours as contract, signedBlindly, boundOf } from '../testing/house.ts';
import { executionOf, lookerAt, must, payment, scene, type Looker, type Scene } from '../testing/scene.ts';
import { changedParts, controlAt, partsOf, type SafeParts } from './safe-at.ts';
import { ethereumReading } from './reading.ts';
import type { SeenTransaction } from './seen.ts';
import { keccak } from './trie.ts';

const abi: Abi = parseAbi([
  'function enableModule(address module)',
  'function setGuard(address guard)',
  'function setFallbackHandler(address handler)',
  'function addOwnerWithThreshold(address owner, uint256 threshold)',
  'function changeThreshold(uint256 threshold)',
  'function take(address safe, address to, uint256 units)',
  'function transfer(address to, uint256 units)',
  'function sweepETH(address to)',
  'function replay(bytes told, bytes32 hash, address to, uint256 units)',
  'function approveHash(bytes32 hash)',
]);
const thief = getAddress('0x00000000000000000000000000000000badf00d1');
const blind = ['owner 1', 'owner 2'].map(secretNamed);
const named = (text: string) => keccak(new TextEncoder().encode(text));

describe('a Safe that is changed behind our back (anvil)', () => {
  let s: Scene;
  let l: Looker;
  /** A Safe that nobody has put a guard into, so that thefts go through. */
  let bare: EthereumWallet;
  let safe: Hex;
  let made0: SafeParts;
  beforeAll(async () => {
    s = await scene();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  beforeEach(async () => {
    bare = await deploySafe(s.chain, s.safes, { guarded: false });
    safe = getAddress(bare.address);
    await s.chain.send(safe, '0x', 1_000n);
    const height = Number(await s.chain.client.getBlockNumber());
    l = lookerAt(s.chain.url, { hot: bare, cold: s.cold }, [], [], height);
    made0 = partsOf(must(await l.client.safe(bare, 'latest')));
  });

  const now = async () => must(await l.client.safe(bare, 'latest'));
  /** Two owners sign whatever a thief likes. */
  async function signedAway(change: Partial<Bound['tx']>, nonce = 0n): Promise<SeenTransaction> {
    const { tx, ...of } = boundOf(payment(bare, { recipient: stranger, units: 1n, nonce }).planned);
    const bound = { ...of, tx: { ...tx, value: 0n, to: of.safe, ...change } };
    expect(await s.chain.send(safe, signedBlindly(bound, blind))).toMatchObject({ ok: true });
    const [seen] = await l.seen();
    if (!seen) throw new Error('not seen');
    return seen;
  }
  const call = (functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi, functionName, args }).slice(2);

  it('a Safe of the house is as it was made: owners, threshold, guard, no module, no handler', async () => {
    const house = must(await l.client.safe(s.hot, 'latest'));
    expect(controlAt(house)).toEqual(controlOf(s.hot));
    const keys = guardKeysOf(s.hot);
    const guard = guardOf(keys);
    expect(must(await l.client.guard(guard, 'latest'))).toEqual(keys);
    const parts: SafeParts = {
      codeHash: made0.codeHash,
      singleton: getAddress(s.safes.singleton),
      guard,
      moduleGuard: guard,
      fallbackHandler: `0x${'0'.repeat(40)}`,
    };
    expect(changedParts(parts, house)).toEqual([]);
    for (const other of [s.safes.singleton, s.chain.payer, zeroAddress] as Address[])
      expect(must(await l.client.guard(other, 'latest'))).toBe(null);
    expect(house).toMatchObject({ nonce: 0n, coins: 0n, modules: [] });
    expect(await l.client.safe({ ...s.hot, address: getAddress(s.chain.payer) }, 'latest')).toMatchObject({
      kind: 'read',
      value: { owners: [], threshold: 0 },
    });
  });

  it.each([
    ['another owner', 'addOwnerWithThreshold', [thief, 1n], ['added-owner', 'threshold']],
    ['a lower threshold', 'changeThreshold', [1n], ['threshold']],
    ['a guard', 'setGuard', ['0x0000000000000000000000000000000000000000'], ['guard']],
    ['a module', 'enableModule', [thief], ['enabled-module']],
    ['a fallback handler', 'setFallbackHandler', [thief], ['fallback-handler']],
  ] as const)(
    '%s, signed by enough owners: the share is told, and what changed',
    async (_, name, args, kinds) => {
      const seen = await signedAway({ data: call(name, args) });
      expect(seen.changes.map(({ kind }) => kind)).toEqual(kinds);
      expect(seen.unexplained.length).toBe(kinds.length);
      const reading = ethereumReading(l.ours);
      expect(reading.named(seen)).toContain(kinds[0]);
      expect(reading.account(seen)).toBe(bare.address);
      // Each owner's own signature over bytes that no record can cover, and a part of nobody's.
      expect(
        reading
          .parts(seen)
          .map(({ signer }) => signer)
          .toSorted(),
      ).toEqual(['', ...owners.slice(0, 2).map(({ publicKey }) => publicKey)].toSorted());
      for (const part of reading.parts(seen))
        expect(ethereum.evidenceSigned(bare, part, 'devnet')).toBe(part.signer !== '');
      const after = await now();
      const told = [
        ...changedParts(made0, after),
        ...(controlAt(after).keys.includes(thief) ? ['owner'] : []),
      ];
      if (name !== 'setGuard' && name !== 'changeThreshold') expect(told.length).toBe(1);
      if (name === 'changeThreshold') expect(after.threshold).toBe(1);
    },
  );

  it('Bybit: a delegatecall exchanges the code; no event says so, the storage does, and the coins’ going is told', async () => {
    const upgrade = await s.chain.deploy(contract('LooksLikeAToken'));
    const backdoor = await s.chain.deploy(contract('Backdoor'));
    const seen = await signedAway({
      to: getAddress(upgrade) as string as Address,
      data: call('transfer', [backdoor, 0n]),
      operation: 1,
    });
    expect(seen.executions).toMatchObject([{ outcome: 'done', bound: { tx: { operation: 1 } } }]);
    expect(ethereumReading(l.ours).named(seen)).toBe('an execution that nobody explains by hot');
    expect(changedParts(made0, await now())).toEqual([
      `its singleton is ${getAddress(backdoor)}, and was made as ${made0.singleton}`,
    ]);
    await s.chain.send(safe, `0x${call('sweepETH', [thief])}`);
    const [block] = await l.look();
    expect(
      block?.transactions.map(({ unexplained, parts }) => [unexplained, parts.map(({ signer }) => signer)]),
    ).toEqual([[[`1000 units of ${ETH} leave hot for ${thief} by no execution`], ['']]]);
  });

  it('the thief’s code tells of a payment of ours while it pays him: the coins go elsewhere, and the number is an old one', async () => {
    const paid = payment(bare, { recipient: stranger, units: 5n, nonce: 0n });
    await s.chain.send(safe, paid.calldata);
    await l.look();
    const { number } = await s.chain.client.getBlock();
    const [told] = await s.chain.client.getLogs({ address: safe, fromBlock: number, toBlock: number });
    const upgrade = await s.chain.deploy(contract('LooksLikeAToken'));
    const replaying = await s.chain.deploy(contract('ReplayingCode'));
    await signedAway(
      {
        to: getAddress(upgrade) as string as Address,
        data: call('transfer', [replaying, 0n]),
        operation: 1,
      },
      1n,
    );
    const replay = (to: Hex) =>
      s.chain.send(safe, `0x${call('replay', [told?.data, `0x${paid.hash}`, to, 5n])}`);
    await replay(thief);
    const [stolen] = await l.seen();
    expect(stolen?.executions).toMatchObject([{ hash: paid.hash, outcome: 'done' }]);
    expect(stolen?.unexplained).toEqual([`5 units of ${ETH} leave hot for ${thief} by no execution`]);
    expect(stolen?.parts.map(({ signer }) => signer)).toContain('');
    // To the same recipient once more, every part is covered: the number tells.
    await replay(getAddress(stranger));
    const [again] = await l.seen();
    expect(again?.unexplained).toEqual([]);
    expect(l.holdings.repeated().map(({ value }) => value)).toEqual(
      [stolen, again].map((seen) => ({ wallet: 'hot', plan: paid.planned.plan, transaction: seen?.hash })),
    );
    expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done' });
  });

  it('a module moves coins without any owner', async () => {
    const module = await s.chain.deploy(contract('ThievingModule'));
    await signedAway({ data: call('enableModule', [module]) });
    await s.chain.send(module, `0x${call('take', [safe, thief, 400n])}`);
    const [seen] = await l.seen();
    expect(seen?.executions).toEqual([]);
    expect(seen?.unexplained).toEqual([
      `400 units of ${ETH} leave hot for ${thief} by no execution`,
      expect.stringContaining('module-acted'),
      expect.stringContaining('module-acted'),
    ]);
    expect(seen?.parts.map(({ signer }) => signer)).toEqual(['']);
    expect(changedParts(made0, await now())).toEqual([
      `its module ${getAddress(module)} moves everything without any owner`,
    ]);
  });

  it('another contract executes: seen by the Safe’s event, whoever called it', async () => {
    const caller = await s.chain.deploy(contract('Caller'));
    const paid = payment(bare, { recipient: stranger, units: 5n, nonce: 0n });
    expect(await s.sends(caller, 'pass', [safe, paid.calldata])).toBe(true);
    const [seen] = await l.seen();
    expect(seen?.executions).toMatchObject([{ hash: paid.hash, outcome: 'done' }]);
    expect(seen?.unexplained).toEqual([]);
    expect(seen?.parts.map(({ bytes }) => bytes).toSorted()).toEqual(
      paid.planned.shares.map(({ share }) => share).toSorted(),
    );
  });

  it('an owner approves a hash on the chain, and is the second of two: its account’s transaction is evidence', async () => {
    const { bound, data, key } = approving(0n);
    const approved = await owned(key, data);
    expect(approved.changes).toMatchObject([{ kind: 'approved-hash' }]);
    const part = approved.parts.find(({ signer }) => signer === key);
    expect(part && ethereum.evidenceSigned(bare, part, 'devnet')).toBe(true);
    // Executed by a signature and the approval: one part is an owner's, one nobody's.
    const [first] = owners;
    if (!first) throw new Error('no owner');
    const executed = await signedAwayBy(bound, key);
    expect(executed.executions[0]?.agreements.map(({ kind }) => kind).toSorted()).toEqual([
      'approved-hash',
      'hash',
    ]);
    expect(executed.parts.map(({ signer }) => signer).toSorted()).toEqual(['', first.publicKey].toSorted());
  });

  function approving(nonce: bigint) {
    const bound = boundOf(payment(bare, { recipient: stranger, units: 3n, nonce }).planned);
    const [, second] = owners;
    return { bound, data: call('approveHash', [`0x${safeHash(bound)}`]), key: second?.publicKey ?? '' };
  }

  /** A transaction of an owner's own account, which no owner of ours ever makes. */
  async function owned(owner: string, data: string): Promise<SeenTransaction> {
    const account = privateKeyToAccount(`0x${secretNamed('owner 2').toHex()}`);
    expect(account.address).toBe(owner);
    await s.chain.send(account.address, '0x', 10n ** 18n);
    await l.look();
    const hash = await s.chain.client.sendTransaction({ account, to: safe, data: `0x${data}` });
    await s.chain.client.waitForTransactionReceipt({ hash });
    const [seen] = await l.seen();
    if (!seen) throw new Error('not seen');
    return seen;
  }

  async function signedAwayBy(bound: Bound, approver: string): Promise<SeenTransaction> {
    const [first] = owners;
    const key = first?.publicKey as Address;
    const signature = first?.sign(encodePlan(bound), shareOf(bound, key)) ?? '';
    const approval = `${word(approver as Address)}${'0'.repeat(64)}01`;
    const both = [
      { of: key.toLowerCase(), signature },
      { of: approver.toLowerCase(), signature: approval },
    ].toSorted((one, other) => (one.of < other.of ? -1 : 1));
    const data = encodeExecution({ tx: bound.tx, signatures: both.map((one) => one.signature).join('') });
    expect(await s.chain.send(safe, `0x${data}`)).toMatchObject({ ok: true });
    const [seen] = await l.seen();
    if (!seen) throw new Error('not seen');
    return seen;
  }

  it('a key of ours that sends anything anywhere is seen', async () => {
    const account = privateKeyToAccount(`0x${secretNamed('owner 3').toHex()}`);
    await s.chain.send(account.address, '0x', 10n ** 18n);
    await l.look();
    const hash = await s.chain.client.sendTransaction({ account, to: thief, value: 1n });
    await s.chain.client.waitForTransactionReceipt({ hash });
    const [seen] = await l.seen();
    expect(seen?.parts.map(({ signer }) => signer)).toEqual([account.address]);
    expect(seen && ethereumReading(l.ours).named(seen)).toContain('an account’s transaction by a key of hot');
    const [part] = seen?.parts ?? [];
    expect(part && ethereum.evidenceSigned(bare, part, 'devnet')).toBe(true);
  });

  it('a rotation of ours is explained wholly', async () => {
    const { owners: list } = await now();
    const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);
    const remove = owners[2]?.publicKey ?? '';
    const planned = made(
      planRotation({
        wallet: bare,
        network: 'devnet',
        nonce: 0n,
        keys,
        remove,
        add: spare.publicKey,
        owners: list,
      }),
    );
    await s.chain.send(safe, executionOf(bare, planned).calldata);
    const [seen] = await l.seen();
    expect(seen?.changes.map(({ kind }) => kind)).toEqual(['removed-owner', 'added-owner']);
    expect(seen?.unexplained).toEqual([]);
    expect(seen?.parts).toHaveLength(2);
    expect(controlAt(await now()).keys).toContain(spare.publicKey);
    expect(controlAt(await now()).keys).not.toContain(remove);
  });

  it.each([
    ['its guard', named('guard_manager.guard.address'), 'guard'],
    ['its module guard', named('module_manager.module_guard.address'), 'moduleGuard'],
    ['its fallback handler', named('fallback_manager.handler.address'), 'fallbackHandler'],
    ['its code', word(0n), 'singleton'],
  ] as const)('%s in the storage alone, as only a bug of the chain could: told', async (_, slot, part) => {
    await s.anvil('anvil_setStorageAt', safe, `0x${slot}`, `0x${word(thief as string as Address)}`);
    await s.anvil('evm_mine');
    expect(changedParts(made0, await now())).toEqual([
      `its ${part} is ${thief}, and was made as ${made0[part]}`,
    ]);
  });
});
