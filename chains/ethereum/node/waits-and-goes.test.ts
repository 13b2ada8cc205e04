/** What waits in a node's memory: seen before it is in a block, followed when it goes, and what a node says to what is sent. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getAddress, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger, secretNamed } from '../codec/house.testing.ts';
import { ethereum, type Address } from '../codec/index.ts';
import { boundOf, signedBlindly } from '../testing/house.ts';
import { lookerAt, must, payment, scene, type Looker, type Scene } from '../testing/scene.ts';
import { keccak } from './trie.ts';

const gas = { gas: 300_000n, maxFeePerGas: 5_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n } as const;
const relayer = privateKeyToAccount(`0x${secretNamed('relayer').toHex()}`);

describe('what waits, and goes (anvil)', () => {
  let s: Scene;
  let l: Looker;
  let safe: Hex;
  beforeAll(async () => {
    s = await scene();
    safe = getAddress(s.hot.address);
    await s.chain.send(safe, '0x', 1_000n);
    await s.chain.send(relayer.address, '0x', 10n ** 18n);
    await s.chain.send(privateKeyToAccount(`0x${secretNamed('owner 2').toHex()}`).address, '0x', 10n ** 18n);
    l = lookerAt(s.liar.endpoint.url, s);
    await l.look();
    await s.anvil('evm_setAutomine', false);
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  afterEach(async () => {
    s.liar.lie = null;
    s.liar.lacks.clear();
    await s.anvil('anvil_dropAllTransactions');
    await s.anvil('evm_mine');
  });

  const waiting = () => l.client.waiting([s.hot.address]);
  const signedBy = (nonce: number, data: Hex, more: object = {}, by = relayer) =>
    by.signTransaction({ chainId: 31_337, type: 'eip1559', nonce, to: safe, data, ...gas, ...more });
  const announce = async (raw: Hex) => must(await l.client.announce(raw.slice(2)));
  const numberOf = (by = relayer) => s.chain.client.getTransactionCount({ address: by.address });
  const safeNumber = async () => must(await l.client.safe(s.hot, 'latest')).nonce;

  it('an execution is seen while it waits, with the shares of those who signed, and is the same in the block', async () => {
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce: await safeNumber() });
    const raw = await signedBy(await numberOf(), paid.calldata);
    expect(await announce(raw)).toEqual({ kind: 'taken' });
    expect(await announce(raw)).toEqual({ kind: 'known' });
    const { seen, unread, failed } = await waiting();
    expect([unread, failed]).toEqual([[], null]);
    expect(seen).toMatchObject([
      { waits: true, ok: false, from: relayer.address, executions: [{ hash: paid.hash, outcome: 'waits' }] },
    ]);
    const hash = keccak(Uint8Array.fromHex(raw.slice(2)));
    expect(seen[0]?.hash).toBe(hash);
    expect(must(await l.client.find(hash))).toEqual({ kind: 'waits' });
    expect((await l.client.waiting([s.cold.address])).seen).toEqual([]);
    await s.anvil('evm_mine');
    expect((await waiting()).seen).toEqual([]);
    const [mined] = await l.seen();
    expect(mined?.executions).toMatchObject([{ hash: paid.hash, outcome: 'done' }]);
    expect(mined?.parts).toEqual(seen[0]?.parts);
    expect(mined?.identity).toBe(seen[0]?.identity);
    const found = must(await l.client.find(hash));
    const receipt = await s.chain.client.getTransactionReceipt({ hash: `0x${hash}` });
    expect(found).toMatchObject({
      kind: 'mined',
      ok: true,
      height: Number(receipt.blockNumber),
      cost: receipt.gasUsed * receipt.effectiveGasPrice,
    });
    expect(must(await l.client.find('ab'.repeat(32)))).toEqual({ kind: 'absent' });
  });

  it('what a thief with two keys sends is evidence before it is in a block', async () => {
    const { tx, ...of } = boundOf(
      payment(s.hot, { recipient: stranger, units: 1n, nonce: await safeNumber() }).planned,
    );
    const theft = signedBlindly(
      { ...of, tx: { ...tx, value: 900n } },
      ['owner 1', 'owner 2'].map(secretNamed),
    );
    await announce(await signedBy(await numberOf(), theft));
    const [seen] = (await waiting()).seen;
    expect(seen?.parts).toHaveLength(2);
    for (const part of seen?.parts ?? []) expect(ethereum.evidenceSigned(s.hot, part, 'devnet')).toBe(true);
  });

  it('a key of ours that sends something itself is evidence before it is in a block', async () => {
    const owner = privateKeyToAccount(`0x${secretNamed('owner 2').toHex()}`);
    await announce(await signedBy(await numberOf(owner), '0x', { to: stranger as Hex }, owner));
    const [seen] = (await waiting()).seen;
    expect(seen?.parts.map(({ signer }) => signer)).toEqual([owner.address]);
    const [part] = seen?.parts ?? [];
    expect(part && ethereum.evidenceSigned(s.hot, part, 'devnet')).toBe(true);
  });

  it('pool eviction: what has left the pool waits no more, and nothing of it is dead', async () => {
    const paid = payment(s.hot, { recipient: stranger, units: 2n, nonce: await safeNumber() });
    const raw = await signedBy(await numberOf(), paid.calldata);
    await announce(raw);
    expect((await waiting()).seen).toHaveLength(1);
    await s.anvil('anvil_dropAllTransactions');
    expect(await waiting()).toEqual({ seen: [], unread: [], failed: null });
    await l.look();
    expect(l.holdings.fate(paid.planned.plan)).toEqual({ kind: 'open' });
    // The same bytes again: whoever has them may send them.
    expect(await announce(raw)).toEqual({ kind: 'taken' });
    await s.anvil('evm_mine');
    await l.look();
    expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done' });
  });

  it('a stranger’s bytes to the Safe are not ours, and a number far off is not looked for', async () => {
    const next = await safeNumber();
    const { planned, calldata } = payment(s.hot, { recipient: stranger, units: 1n, nonce: next + 16n });
    const forged = signedBlindly(boundOf(planned), [secretNamed('a'), secretNamed('b')]);
    const nonce = await numberOf();
    await announce(await signedBy(nonce, forged));
    await announce(await signedBy(nonce + 1, calldata));
    expect(await waiting()).toEqual({ seen: [], unread: [], failed: null });
  });

  it('a pool that a stranger fills with calls of the Safe holds nobody, and hides nothing for long', async () => {
    const next = await safeNumber();
    const { planned } = payment(s.hot, { recipient: stranger, units: 1n, nonce: next });
    const paid = payment(s.hot, { recipient: stranger, units: 3n, nonce: next });
    const forged = signedBlindly(boundOf(planned), [secretNamed('a'), secretNamed('b')]);
    const nonce = await numberOf();
    for (let at = 0; at < 30; at += 1)
      await announce(await signedBy(nonce + at, forged, { maxPriorityFeePerGas: BigInt(at + 1) }));
    await announce(await signedBy(nonce + 30, paid.calldata));
    const first = await waiting();
    expect(first.failed).toContain('6 transactions of its pool are still to be looked at');
    const second = await waiting();
    expect(second.failed).toBe(null);
    expect([...first.seen, ...second.seen].map(({ executions }) => executions[0]?.hash)).toContain(paid.hash);
    // What was looked at is not looked at again: no key is recovered twice.
    let recovered = 0;
    const count = () => (recovered += 1);
    subscribe('kuramori:signature', count);
    expect((await waiting()).seen).toHaveLength(1);
    unsubscribe('kuramori:signature', count);
    expect(recovered).toBe(0);
  });

  it('a node without a pool to look into shows the block that it would make', async () => {
    s.liar.lacks.add('txpool_content');
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce: await safeNumber() });
    await announce(await signedBy(await numberOf(), paid.calldata));
    expect((await waiting()).seen).toMatchObject([{ executions: [{ hash: paid.hash, outcome: 'waits' }] }]);
  });

  it('what cannot be read, or has another hash, is told with the key that is said to have sent it', async () => {
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce: await safeNumber() });
    await announce(await signedBy(await numberOf(), paid.calldata));
    const owner = s.hot.cosigners[0]?.publicKey ?? '';
    const changing = (change: object) => {
      s.liar.lie = (method, _params, result) => {
        if (method !== 'txpool_content') return result;
        const { pending, queued } = result as {
          pending: Record<string, Record<string, object>>;
          queued: object;
        };
        const changed = Object.entries(pending).map(([sender, byNonce]) => [
          sender,
          Object.fromEntries(Object.entries(byNonce).map(([at, one]) => [at, { ...one, ...change }])),
        ]);
        return { pending: Object.fromEntries(changed), queued };
      };
    };
    changing({ value: '0x5' });
    expect((await waiting()).unread).toMatchObject([
      { signer: null, why: expect.stringContaining('its bytes hash to') as string },
    ]);
    changing({ from: owner.toLowerCase(), type: '0x9' });
    expect((await waiting()).unread).toMatchObject([
      { signer: owner, why: expect.stringContaining('is out of form') as string },
    ]);
  });

  it('what a node says to what is sent: each by its name', async () => {
    const nonce = await numberOf();
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce: await safeNumber() });
    expect(await announce(await signedBy(nonce - 1, paid.calldata))).toMatchObject({ kind: 'nonce-too-low' });
    expect(await announce(await signedBy(nonce, paid.calldata))).toEqual({ kind: 'taken' });
    expect(await announce(await signedBy(nonce, paid.calldata, { gas: 300_001n }))).toMatchObject({
      kind: 'underpriced',
    });
    const dearer = { maxFeePerGas: 9_000_000_000n, maxPriorityFeePerGas: 2_000_000_000n };
    expect(await announce(await signedBy(nonce, paid.calldata, dearer))).toEqual({ kind: 'taken' });
    const poor = privateKeyToAccount(`0x${'77'.repeat(32)}`);
    expect(await announce(await signedBy(0, paid.calldata, {}, poor))).toMatchObject({ kind: 'no-coins' });
    expect(await announce(await signedBy(nonce, paid.calldata, { gas: 10n ** 12n }))).toMatchObject({
      kind: 'refused',
    });
    s.liar.lie = (method, _params, result) =>
      method === 'eth_sendRawTransaction' ? `0x${'88'.repeat(32)}` : result;
    const read = await l.client.announce((await signedBy(nonce + 1, paid.calldata)).slice(2));
    expect(read).toMatchObject({ kind: 'failed', detail: expect.stringContaining('for another') as string });
  });

  it('fees-run-away: whatever blocks and nodes say, no more than the bounds, and never a tip above the whole', async () => {
    const most = { maxFeePerGas: 50_000_000_000n, maxPriorityFeePerGas: 2_000_000_000n };
    const bounds = { most, leastTip: 100_000_000n };
    const usual = must(await l.client.fees(bounds));
    expect(usual.maxFeePerGas).toBeLessThan(most.maxFeePerGas);
    expect(usual.maxPriorityFeePerGas).toBe(1_000_000_000n);
    const saying = (base: bigint, tip: bigint) => {
      s.liar.lie = (method, _params, result) =>
        method === 'eth_feeHistory'
          ? { baseFeePerGas: [`0x${base.toString(16)}`], reward: [[`0x${tip.toString(16)}`]] }
          : result;
    };
    saying(10n ** 15n, 10n ** 15n);
    expect(must(await l.client.fees(bounds))).toEqual(most);
    saying(1n, 0n);
    expect(must(await l.client.fees(bounds))).toEqual({
      maxFeePerGas: 100_000_002n,
      maxPriorityFeePerGas: 100_000_000n,
    });
    const tight = { most: { maxFeePerGas: 10n, maxPriorityFeePerGas: 2_000n }, leastTip: 100n };
    expect(must(await l.client.fees(tight))).toEqual({ maxFeePerGas: 10n, maxPriorityFeePerGas: 10n });
    expect(
      await l.client.tries(relayer.address as string as Address, s.hot.address as Address, ''),
    ).toMatchObject({
      value: { kind: 'gas' },
    });
  });
});
