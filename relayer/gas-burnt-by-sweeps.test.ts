/** Deposits are sent on to the Safe of their own code alone; and whoever asks for it without end leaves gas for payments and a flight. */
import type { Refusal, RelayFate } from '@kuramori/core';
import { getAddress } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger } from '../chains/ethereum/codec/house.testing.ts';
import { lookerAt, must, payment, scene, type Looker, type Scene } from '../chains/ethereum/testing/scene.ts';
import { account, askFor, openHere, usual, type Here } from './testing/desk.ts';

describe('asked to send deposits on (anvil)', () => {
  let s: Scene;
  let l: Looker;
  let here: Here;
  beforeAll(async () => {
    s = await scene();
    await s.chain.send(getAddress(account), '0x', 10n ** 18n);
    await s.chain.send(getAddress(s.hot.address), '0x', 10n ** 18n);
    l = lookerAt(s.chain.url, s, [], [s.place('alice')]);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  afterEach(() => here[Symbol.dispose]());

  const why = (answer: RelayFate | Refusal) =>
    answer.kind === 'refused' ? `${answer.why}: ${answer.detail}` : answer.kind;
  const coins = (address: string) => s.chain.client.getBalance({ address: getAddress(address) });
  const standing = (customer: string, token: string | null = null) => ({
    salt: s.place(customer).salt,
    token,
  });

  it('coins and a token go to the Safe; asked again meanwhile it is one transaction; and again for the next deposit', async () => {
    here = openHere(s);
    const token = await s.token('SilentToken');
    const { address, salt } = s.place('alice');
    await s.chain.send(getAddress(address), '0x', 5n);
    await s.sends(token.at, 'mint', [address, 7n]);
    const before = await coins(s.hot.address);
    const asked = {
      wallet: 'hot',
      deposits: [
        { salt, token: null },
        { salt, token: token.at },
      ],
    };
    const first = await here.relayer.sweep(asked);
    expect(first).toMatchObject({ kind: 'under-way' });
    expect(await here.relayer.sweep(asked)).toEqual(first);
    // A node says that it has a transaction before its block is made.
    await s.anvil('evm_mine');
    expect(await coins(s.hot.address)).toBe(before + 5n);
    const held = await s.chain.client.readContract({
      address: token.at,
      abi: [
        {
          type: 'function',
          name: 'balanceOf',
          stateMutability: 'view',
          inputs: [{ type: 'address' }],
          outputs: [{ type: 'uint256' }],
        },
      ],
      functionName: 'balanceOf',
      args: [getAddress(s.hot.address)],
    });
    expect(held).toBe(7n);
    await s.anvil('anvil_mine', '0x4');
    await here.relayer.round();
    await s.chain.send(getAddress(address), '0x', 6n);
    expect(await here.relayer.sweep(asked)).toMatchObject({ kind: 'under-way' });
    await s.anvil('evm_mine');
    expect(await coins(s.hot.address)).toBe(before + 11n);
    expect(here.journal.numbers()).toHaveLength(2);
  });

  it('read again after a start: the same number is under way, and nothing is sent twice', async () => {
    await s.anvil('evm_setAutomine', false);
    here = openHere(s);
    const asked = { wallet: 'hot', deposits: [standing('alice')] };
    const first = await here.relayer.sweep(asked);
    const lines = here.journal.numbers().flatMap(({ nonce, attempts }) =>
      attempts.map(({ raw, at }) => ({
        kind: 'sends',
        at,
        nonce,
        carries: { wallet: 'hot', plan: null },
        raw,
      })),
    );
    here[Symbol.dispose]();
    here = openHere(s, { lines: lines.map((line) => `${JSON.stringify(line)}\n`).join('') });
    expect(await here.relayer.sweep(asked)).toEqual(first);
    await s.anvil('evm_setAutomine', true);
    await s.anvil('anvil_mine', '0x4');
    await here.relayer.round();
    expect(here.journal.numbers()).toMatchObject([{ settled: { ok: true } }]);
  });

  it('to no other Safe, none without end, no token that is none', async () => {
    here = openHere(s);
    const ask = (deposits: readonly { salt: string; token: string | null }[], wallet = 'hot') =>
      here.relayer.sweep({ wallet, deposits });
    expect(why(await ask([standing('alice')], 'mallory'))).toMatch(/^unknown-wallet/);
    const many = ['a', 'b', 'c'].map((customer) => standing(customer));
    expect(why(await ask(many))).toMatch(/^too-many: 3 deposits, and the cap on gas lets 2 go at once/);
    expect(why(await ask([standing('alice', `0x${'zz'.repeat(20)}`)]))).toMatch(/^not-ours: deposits/);
    expect(why(await ask([standing('alice', stranger)]))).toMatch(/^would-fail/);
    expect(here.journal.numbers()).toEqual([]);
  });

  it('gas-burnt-by-sweeps: beyond its part of a day nothing is sent on, and a payment still is', async () => {
    const most = usual.gasLimit * usual.maxFeePerGas;
    here = openHere(s, { caps: { perDay: most, sweepsPerDay: most / 50n } });
    let answer: RelayFate | Refusal;
    let sent = -1;
    do {
      answer = await here.relayer.sweep({ wallet: 'hot', deposits: [standing(`customer-${sent}`)] });
      sent += 1;
    } while (answer.kind === 'under-way' && sent < 100);
    expect(sent).toBeGreaterThan(0);
    expect(why(answer)).toMatch(
      /^over-the-caps: deposits sent on would be \d+ wei .*: the rest is kept for payments/,
    );
    const { nonce } = must(await l.client.safe(s.hot, 'latest'));
    expect(
      await here.relayer.relay(askFor(payment(s.hot, { recipient: stranger, units: 5n, nonce }))),
    ).toMatchObject({
      kind: 'under-way',
    });
  });
});
