/**
 * A Safe is made another thing: by a delegatecall that writes over the address of its code (Bybit), with its guard taken off, by an
 * owner's key that acts as an account, or by nothing that any event tells. Each freezes, and coins that can go home do.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ETH, type EthereumWallet } from '@kuramori/core';
import { checksummed, selectorOf, word, type Address, type Bound } from '@kuramori/chains/ethereum/codec';
import { secretNamed } from '../chains/ethereum/codec/house.testing.ts';
import { ours, signedBlindly } from '../chains/ethereum/testing/house.ts';
import {
  ethereum,
  ether,
  thief,
  until,
  watch,
  type Chain,
  type Hex,
  type Watch,
} from './testing/ethereum.ts';

const none = `0x${'0'.repeat(40)}` as Address;
/** Calldata without 0x: a function's selector, and words behind it. */
const calldata = (signature: string, ...args: readonly (Address | bigint)[]): string =>
  selectorOf(signature) + args.map(word).join('');
const blind = ['owner 1', 'owner 2'].map(secretNamed);

describe('a Safe without our guard, so that thefts go through (anvil)', () => {
  let chain: Chain;
  let w: Watch;
  beforeEach(async () => {
    chain = await ethereum({ guarded: false });
    w = await watch(chain, await chain.height());
    await w.seeing();
  }, 60_000);
  afterEach(async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const frozen = () => w.l.tower().status().frozen;
  const alarms = () => w.l.told().flatMap(({ event, why }) => (event.startsWith('alarm') ? String(why) : []));
  /** Two owners were shown something else, and signed this. */
  const signedAway = ({ address }: EthereumWallet, tx: Partial<Bound['tx']>): Hex =>
    signedBlindly(
      {
        chainId: 31_337n,
        safe: address as Address,
        tx: {
          to: address as Address,
          value: 0n,
          data: '',
          operation: 0,
          safeTxGas: 0n,
          baseGas: 0n,
          gasPrice: 0n,
          gasToken: none,
          refundReceiver: none,
          nonce: 0n,
          ...tx,
        },
      },
      blind,
    );

  it('a delegatecall puts other code in its place: frozen as it waits, and named as changed once it is in a block', async () => {
    const token = await chain.s.chain.deploy(ours('LooksLikeAToken'));
    const backdoor = await chain.s.chain.deploy(ours('Backdoor'));
    await w.seeing();
    await chain.automine(false);
    const data = calldata('transfer(address,uint256)', checksummed(backdoor.slice(2).toLowerCase()), 0n);
    const to = checksummed(token.slice(2).toLowerCase());
    const payload = signedAway(chain.hot, { to, data, operation: 1 });
    await chain.sends(payload);
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toBe(
      'an execution that nobody explains by hot-eth unconfirmed: no record covers it',
    );
    expect(w.l.told().find(({ event }) => event === 'alarm: frozen')).toMatchObject({
      signatureVerifies: true,
      does: {
        unexplained: ['operation: a delegatecall, by which another contract acts as the Safe'],
      },
    });
    await chain.automine(true);
    await chain.mine();
    await until('it to be named', () =>
      alarms().some((why) =>
        why.startsWith(
          `hot-eth is not as it was made: its singleton is ${checksummed(backdoor.slice(2).toLowerCase())}`,
        ),
      ),
    );
    // Nobody can say who acts for it: not even of coins that are there a payment would be let go.
    const asked = {
      wallet: chain.hot.id,
      nonces: ['0'.repeat(32)],
      plans: [],
      purpose: 'evacuation' as const,
    };
    await w.seeing();
    expect(await w.l.tower().fact(asked)).toMatchObject({ fact: { fact: { control: null } } });
  }, 60_000);

  it('an execution that takes a guard in or off freezes, and coins go home', async () => {
    const data = calldata('setGuard(address)', checksummed(chain.s.safes.guard.slice(2).toLowerCase()));
    await chain.sends(signedAway(chain.hot, { data }));
    await until('the freeze', () => frozen() !== null);
    await until('it to be named', () => alarms().some((why) => /its guard is 0x/.test(why)));
    await until(
      'coins and tokens to be home',
      async () => {
        const all = [ETH, ...chain.tokens.map(({ asset }) => asset)];
        const here = await Promise.all(all.map((asset) => chain.units(chain.cold.address, asset)));
        return here.join() === [ether(100), 1_000n, 5n].join();
      },
      20_000,
    );
  }, 60_000);

  it('an owner’s key that approves a hash as an account: evidence, though it signed no share', async () => {
    const [owner = ''] = chain.hot.cosigners.map(({ publicKey }) => publicKey);
    await chain.s.chain.send(owner as Hex, '0x', ether(1));
    const data = calldata('approveHash(bytes32)', 0xabn);
    await chain.s.chain.sendBy(secretNamed('owner 1'), chain.hot.address, `0x${data}`);
    await until('the freeze', () => frozen() !== null);
    await until(
      'coins to be home',
      async () => (await chain.units(chain.cold.address, ETH)) === ether(100),
      20_000,
    );
    expect(frozen()?.freeze.why).toMatch(/no record covers it$/);
  }, 60_000);

  it('by storage alone, while nobody looked: no event tells of it, and the proof at the first block does', async () => {
    const slot = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8';
    await chain.s.anvil(
      'anvil_setStorageAt',
      chain.hot.address,
      slot,
      `0x${thief.slice(2).toLowerCase().padStart(64, '0')}`,
    );
    await chain.mine(3);
    await w[Symbol.asyncDispose]();
    w = await watch(chain, await chain.height());
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toContain(`hot-eth is not as it was made: its guard is ${thief}`);
    expect(w.l.incident().filter((event) => event === 'evacuation sent')).toEqual([]);
  }, 60_000);
});

describe('a Safe of the house', () => {
  it('configured as made otherwise than it is, freezes at the start: somebody must look', async () => {
    await using chain = await ethereum();
    const made = chain.made[chain.hot.address];
    if (!made) throw new Error('the hot Safe');
    const safes = { ...chain.made, [chain.hot.address]: { ...made, guard: none } };
    await using w = await watch(chain, await chain.height(), { eye: { safes } });
    await until('the freeze', () => w.l.tower().status().frozen !== null);
    expect(w.l.tower().status().frozen?.freeze.why).toContain('hot-eth is not as it was made: its guard is');
  }, 60_000);
});
