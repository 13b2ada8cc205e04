/** Whoever asks the relayer, it carries executions that owners of ours have signed and that will be done, and nothing else; and no more of them than its caps. */
import type { Refusal, RelayFate } from '@kuramori/core';
import { encodeFunctionData, getAddress } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger, secretNamed } from '../chains/ethereum/codec/house.testing.ts';
import { deploySafe, signedBlindly, boundOf } from '../chains/ethereum/testing/house.ts';
import {
  lookerAt,
  must,
  payment,
  scene,
  tokenAbi,
  type Looker,
  type Scene,
} from '../chains/ethereum/testing/scene.ts';
import { account, askFor, openHere, usual, type Here } from './testing/desk.ts';

describe('asked for a stranger’s call (anvil)', () => {
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
  afterEach(() => here[Symbol.dispose]());

  const number = async () => must(await l.client.safe(s.hot, 'latest')).nonce;
  const sent = async () => must(await l.client.account(account, 'latest')).nonce;
  const paying = async (units = 5n, ahead = 0n) =>
    payment(s.hot, { recipient: stranger, units, nonce: (await number()) + ahead });
  const why = (answer: RelayFate | Refusal) =>
    answer.kind === 'refused' ? `${answer.why}: ${answer.detail}` : answer.kind;

  it('an execution of ours is carried, once, however often it is asked; and is told when it is final', async () => {
    here = openHere(s);
    const paid = await paying();
    const first = await here.relayer.relay(askFor(paid));
    expect(first).toMatchObject({ kind: 'under-way', held: null });
    const again = await Promise.all([1, 2, 3].map(() => here.relayer.relay(askFor(paid))));
    expect(again).toEqual([first, first, first]);
    const [block] = await l.look();
    expect(block?.transactions).toMatchObject([
      { from: account, executions: [{ hash: paid.hash, outcome: 'done' }] },
    ]);
    await here.relayer.round();
    expect(here.relayer.fate({ id: paid.hash }).kind).toBe('under-way');
    await s.anvil('anvil_mine', '0x3');
    await here.relayer.round();
    const fate = here.relayer.fate({ id: paid.hash });
    expect(fate).toMatchObject({ kind: 'executed', height: block?.height, block: block?.hash });
    expect(await here.relayer.relay(askFor(paid))).toEqual(fate);
    // What was paid counts as what it cost, and not as what it might have.
    const { spent, underWay, failed } = here.relayer.status();
    const receipt = await s.chain.client.getTransactionReceipt({
      hash: `0x${fate.kind === 'executed' ? fate.transaction : ''}`,
    });
    expect([spent, underWay, failed]).toEqual([receipt.gasUsed * receipt.effectiveGasPrice, 0, null]);
    expect(here.relayer.fate({ id: '00'.repeat(32) })).toEqual({ kind: 'unknown' });
  });

  it('nothing that is not an execution by enough owners is carried, and no number is given to it', async () => {
    here = openHere(s);
    const before = await sent();
    const paid = await paying();
    const { planned, calldata } = paid;
    const ask = askFor(paid);
    const other = await deploySafe(s.chain, s.safes);
    const strange = payment(other, { recipient: stranger, units: 5n, nonce: 0n });
    const blind = signedBlindly(boundOf(planned), [secretNamed('a'), secretNamed('b')]).slice(2);
    const { tx, ...of } = boundOf(planned);
    const owned = ['owner 1', 'owner 2'].map(secretNamed);
    const delegating = signedBlindly({ ...of, tx: { ...tx, operation: 1 } }, owned).slice(2);
    for (const [asked, expected] of [
      [{ ...ask, wallet: 'nobody' }, 'unknown-wallet'],
      [{ ...ask, plan: 'c0ffee' }, 'not-ours: plan'],
      [{ ...ask, calldata: `${ask.calldata}00` }, 'not-ours: calldata: is not in its one form'],
      [
        { ...ask, calldata: `a9059cbb${ask.calldata.slice(8)}` },
        'not-ours: calldata: is not execTransaction',
      ],
      [{ ...ask, calldata: blind }, 'not-ours: signatures'],
      [{ ...ask, calldata: delegating }, 'not-ours: calldata: executes another transaction'],
      [{ ...ask, calldata: '' }, 'not-ours: calldata'],
      [{ ...ask, plan: strange.planned.plan }, 'not-ours: plan: is of another Safe or chain'],
      [askFor(strange), 'not-ours: plan: is of another Safe or chain'],
      [{ ...askFor(strange), wallet: 'cold' }, 'not-ours: plan: is of another Safe or chain'],
      [{ ...ask, plan: (await paying(6n)).planned.plan }, 'not-ours: calldata: executes another transaction'],
    ] as const)
      expect(why(await here.relayer.relay(asked)), expected).toContain(expected);
    expect(here.journal.numbers()).toEqual([]);
    expect(await sent()).toBe(before);
    expect(calldata.length).toBeGreaterThan(10);
  });

  it('what would fail is not sent: its signatures are as good as before, and go through once it would not', async () => {
    here = openHere(s);
    const token = await s.token('PlainToken');
    const paid = payment(s.hot, {
      asset: token.asset,
      recipient: stranger,
      units: 9n,
      nonce: await number(),
    });
    expect(why(await here.relayer.relay(askFor(paid)))).toBe('would-fail: panic 0x11');
    expect(here.journal.numbers()).toEqual([]);
    await s.sends(token.at, 'mint', [getAddress(s.hot.address), 9n]);
    expect((await here.relayer.relay(askFor(paid))).kind).toBe('under-way');
  });

  it('one that fails in its block all the same is told so, and may be sent again', async () => {
    here = openHere(s);
    const token = await s.token('RebasingToken');
    const safe = getAddress(s.hot.address);
    await s.sends(token.at, 'mint', [safe, 9n]);
    const paid = payment(s.hot, {
      asset: token.asset,
      recipient: stranger,
      units: 9n,
      nonce: await number(),
    });
    await s.anvil('evm_setAutomine', false);
    const first = await here.relayer.relay(askFor(paid));
    // Between the try and the block the units go: by somebody who pays to be before us in it.
    await s.chain.client.sendTransaction({
      account: s.chain.payer,
      to: token.at,
      data: encodeFunctionData({ abi: tokenAbi, functionName: 'rebase', args: [safe, 0n] }),
      maxPriorityFeePerGas: 50n * 10n ** 9n,
      maxFeePerGas: 90n * 10n ** 9n,
      gas: 100_000n,
    });
    await s.anvil('evm_mine');
    await s.anvil('evm_setAutomine', true);
    await s.anvil('anvil_mine', '0x3');
    await here.relayer.round();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'reverted', why: 'panic 0x11' });
    await s.sends(token.at, 'rebase', [safe, 9n]);
    const second = await here.relayer.relay(askFor(paid));
    expect(second.kind === 'under-way' && second.nonce).toBe(
      first.kind === 'under-way' ? first.nonce + 1 : undefined,
    );
    await s.anvil('anvil_mine', '0x3');
    await here.relayer.round();
    expect(here.relayer.fate({ id: paid.hash })).toMatchObject({ kind: 'executed' });
  });

  it('numbers of the Safe: used, taken, too early; and several ahead in one block', async () => {
    here = openHere(s);
    await s.anvil('evm_setAutomine', false);
    const [one, two, four] = [await paying(1n), await paying(1n, 1n), await paying(1n, 3n)];
    expect(why(await here.relayer.relay(askFor(two)))).toContain('too-early');
    expect((await here.relayer.relay(askFor(one))).kind).toBe('under-way');
    expect((await here.relayer.relay(askFor(two))).kind).toBe('under-way');
    expect(why(await here.relayer.relay(askFor(await paying(2n))))).toContain('number-under-way');
    expect(why(await here.relayer.relay(askFor(four)))).toContain('too-early');
    await s.anvil('evm_mine');
    await s.anvil('evm_setAutomine', true);
    const seen = await l.seen();
    expect(seen.flatMap(({ executions }) => executions.map(({ hash, outcome }) => [hash, outcome]))).toEqual(
      expect.arrayContaining([
        [one.hash, 'done'],
        [two.hash, 'done'],
      ]),
    );
    const used = payment(s.hot, { recipient: stranger, units: 7n, nonce: (await number()) - 1n });
    expect(why(await here.relayer.relay(askFor(used)))).toContain('number-used');
  });

  it('fees-run-away: a day’s cap, and an account that is empty, give no number', async () => {
    const most = usual.gasLimit * usual.maxFeePerGas;
    here = openHere(s, { caps: { perDay: most / 100n } });
    const paid = await paying();
    const before = await sent();
    expect(why(await here.relayer.relay(askFor(paid)))).toMatch(
      /^over-the-caps: it would be \d+ wei in 24 hours/,
    );
    expect(here.journal.numbers()).toEqual([]);
    here[Symbol.dispose]();
    here = openHere(s, { caps: { gasLimit: 10n ** 12n, perDay: 10n ** 24n } });
    expect(why(await here.relayer.relay(askFor(paid)))).toMatch(/and the account has/);
    expect(await sent()).toBe(before);
  });

  it('without enough nodes that answer nothing is begun', async () => {
    here = openHere(s, { urls: [s.chain.url, 'http://127.0.0.1:1'] });
    expect(why(await here.relayer.relay(askFor(await paying())))).toMatch(/^nodes: .*ECONNREFUSED/);
    await here.relayer.round();
    expect(here.relayer.status().failed).toContain('ECONNREFUSED');
  });
});
