import { describe, expect, it } from 'vitest';
import { descriptorOf, outpointText, placeAt, writeTransaction, type Transaction } from '../codec/index.ts';
import { heldWallet } from '../codec/testing/wallet.ts';
import { openOurs } from './ours.ts';

const { wallet, network } = heldWallet(2, [1, 2, 3]);
const scriptAt = (branch: 0 | 1, index: number) => placeAt(descriptorOf(wallet), branch, index).script;

/** Pays to addresses of branch 0. */
function paying(vout: number, ...indexes: readonly number[]): Transaction {
  return {
    version: 2,
    lockTime: 0,
    inputs: [{ txid: 'ab'.repeat(32), vout, sequence: 0, scriptSig: new Uint8Array(0), witness: [] }],
    outputs: indexes.map((index) => ({ units: 1_000n, script: scriptAt(0, index) })),
  };
}
const hexOf = (transaction: Transaction) => writeTransaction(transaction).toHex();

describe('an address beyond the gap', () => {
  it('is nobody’s until one before it is used or told, and each branch has its own', () => {
    const ours = openOurs([wallet], network, { gap: 3 });
    const place = (branch: 0 | 1, index: number) => ours.placeOf(scriptAt(branch, index).toHex());
    expect(ours.next('hot', 0)).toBe(0);
    expect([place(0, 3), place(0, 8)]).toEqual([undefined, undefined]);
    expect(place(0, 2)).toEqual({ wallet: 'hot', branch: 0, index: 2 });
    expect(ours.next('hot', 0)).toBe(3);
    expect(place(0, 5)).toMatchObject({ index: 5 });
    expect([place(0, 9), place(1, 3)]).toEqual([undefined, undefined]);
    expect(ours.surprises()).toBe(0);
    ours.know('hot', 1, 40);
    expect(ours.surprises()).toBe(1);
    expect(place(1, 43)).toMatchObject({ branch: 1, index: 43 });
    // Told within the window, or twice: nothing that was passed over could have paid there.
    ours.know('hot', 1, 44);
    ours.know('hot', 1, 2);
    expect([ours.surprises(), ours.next('hot', 1)]).toEqual([1, 45]);
    expect(() => ours.know('cold', 0, 0)).toThrow('no wallet here');
  });

  it('told before anything was looked at is no surprise', () => {
    const ours = openOurs([wallet], network, { gap: 3 });
    ours.know('hot', 0, 100);
    expect([ours.surprises(), ours.placeOf(scriptAt(0, 103).toHex())?.index]).toEqual([0, 103]);
  });
});

describe('coins without end, that strangers send and take back', () => {
  it('push out the oldest that only waits, and none that a block brought', () => {
    const ours = openOurs([wallet], network, { gap: 3, waiting: 2 });
    const [confirmed] = ours.learn(hexOf(paying(0, 0)), false);
    const waiting = [1, 2, 3].map((vout) => ours.learn(hexOf(paying(vout, 1)), true)[0]);
    const known = [confirmed, ...waiting].map((coin) => coin && ours.coin(outpointText(coin)) !== undefined);
    expect(known).toEqual([true, false, true, true]);
    expect(ours.previous(waiting[0]?.txid ?? '')).toBe(undefined);
    // What a block has brought meanwhile is not pushed out any more.
    ours.learn(hexOf(paying(2, 1)), false);
    for (const vout of [4, 5, 6]) ours.learn(hexOf(paying(vout, 1)), true);
    expect(
      [waiting[1], waiting[2]].map((coin) => coin && ours.coin(outpointText(coin)) !== undefined),
    ).toEqual([true, false]);
  });

  it('are forgotten once they are spent deep enough, and their transaction with the last of them', () => {
    const ours = openOurs([wallet], network, { gap: 3, spentBlocks: 10 });
    const [one, other] = ours.learn(hexOf(paying(0, 0, 1)), false);
    const [later] = ours.learn(hexOf(paying(1, 2)), false);
    if (!one || !other || !later) throw new Error('no coins');
    ours.spent(one, 100);
    ours.spent(later, 110);
    expect([one, other, later].map((coin) => ours.coin(outpointText(coin)) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(ours.previous(one.txid)).toBeDefined();
    ours.spent(other, 111);
    const [last] = ours.learn(hexOf(paying(7, 2)), false);
    if (last) ours.spent(last, 121);
    expect([ours.coin(outpointText(other)), ours.previous(one.txid)]).toEqual([undefined, undefined]);
  });
});
