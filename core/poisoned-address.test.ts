/** A thief sends dust from an address with the ends of one that is paid often, and waits until somebody copies it. */
import { describe, expect, it } from 'vitest';
import { XEM, type Denial } from './index.ts';
import { judgeDenials } from './judge-denials.ts';
import { isLookalike } from './lookalike.ts';
import { countPayment, type Outflow } from './outflow.ts';
import { intentFor, now, policy, requestFor, xem } from './testing/house.ts';

describe('shortened as screens shorten it', () => {
  it.each<[string, string, string, boolean]>([
    ['the same ends, another middle', 'NABC1WXYZ', 'NABC2WXYZ', true],
    ['the very same', 'NABC1WXYZ', 'NABC1WXYZ', false],
    ['the fourth letter is another', 'NABD1WXYZ', 'NABC1WXYZ', false],
    ['the fourth letter from behind is another', 'NABC1VXYZ', 'NABC1WXYZ', false],
    ['letters of another case, which nobody compares', 'nabc1wxyz', 'NABC1WXYZ', true],
    ['hexadecimal, another middle', '0xabcd11115678', '0xabcd22225678', true],
    ['hexadecimal, another case: the same address', '0xABCD11115678', '0xabcd11115678', false],
    ['hexadecimal, another case and another middle', '0xABCD11115678', '0xabcd22225678', true],
    ['hexadecimal, other ends behind the 0x that all have', '0x111111115678', '0x222222225678', false],
    ['an 0x that is no beginning is a part of it', 'A0xBCD1WXYZ', 'ABCD1WXYZ', false],
  ])('%s', (_what, address, other, expected) => {
    expect(isLookalike(address, other)).toBe(expected);
    expect(isLookalike(other, address)).toBe(expected);
  });
});

describe('what it is held against', () => {
  const denial: Denial = { id: 'poison', when: { destination: { lookalike: true } } };
  const holds = (to: string, paid: readonly string[] = []) => {
    const outflows = new Map<string, Outflow>();
    for (const [index, destination] of paid.entries())
      countPayment(outflows, {
        intent: `intent ${index}`,
        at: now,
        wallet: 'hot',
        asset: XEM,
        destination,
        units: 1n,
      });
    const words = {
      ...policy,
      denials: [denial],
      lists: [{ id: 'partners', addresses: ['NPARTNER', 'NLIST1TSIL'] }],
      wallets: [
        { id: 'hot', address: 'NHOT1TOHN' },
        { id: 'cold', address: 'NCOLD1DLOC' },
      ],
    };
    const scene = { approvals: [], requested: null, outflows, together: [], at: now, balance: xem('1') };
    return judgeDenials(words, { ...scene, intent: intentFor(requestFor({ to })) }).held.length > 0;
  };

  it.each<[string, boolean, string, string[]?]>([
    ['nothing that looks alike', false, 'NABC1WXYZ'],
    ['a wallet of ours', true, 'NCOLD2DLOC'],
    ['that wallet itself', false, 'NCOLD1DLOC'],
    ['one of a list', true, 'NLIST2TSIL'],
    ['one that was paid', true, 'NABC1WXYZ', ['NOTHER', 'NABC2WXYZ']],
    // Both were paid, and look alike: neither may hide the other.
    ['the first of two that were paid', true, 'NABC2WXYZ', ['NABC1WXYZ', 'NABC2WXYZ']],
    ['the second of two that were paid', true, 'NABC1WXYZ', ['NABC1WXYZ', 'NABC2WXYZ']],
  ])('%s: %s', (_what, expected, to, paid) => {
    expect(holds(to, paid)).toBe(expected);
  });
});
