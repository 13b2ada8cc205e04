/** A plan or share of which anything was changed: refused, or explained as exactly something else; never as the same. */
import { ETH, type Explained } from '@kuramori/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customer, hot, made, owners, paymentOf, spare, usdt } from './house.testing.ts';
import {
  encodePlan,
  ethereum,
  planCancellation,
  planPayment,
  planRotation,
  readPlan,
  shareOf,
  tokenAsset,
  type Address,
  type Bound,
  type Planned,
  type SafeTx,
} from './index.ts';

const rounds = Number(process.env['KURAMORI_ROUNDS'] ?? 200);
const keys = owners.slice(1).map(({ publicKey }) => publicKey);
const token = tokenAsset(usdt as Address);

const rotation = made(
  planRotation({
    wallet: hot,
    network: 'devnet',
    nonce: 8n,
    keys,
    remove: owners[0]?.publicKey ?? '',
    add: spare.publicKey,
    owners: owners.map(({ publicKey }) => publicKey),
  }),
);
const cancellation = made(planCancellation({ wallet: hot, network: 'devnet', nonce: 7n, keys }));
const plans: readonly (readonly [string, Planned])[] = [
  ['coins', paymentOf({ asset: ETH })],
  ['a token', paymentOf({ asset: token })],
  ['a rotation', rotation],
  ['a cancellation', cancellation],
];

const explain = (plan: string, share: string) => ethereum.explainShare(hot, plan, share, 'devnet');
const shareOfFirst = ({ shares }: Planned) => shares[0]?.share ?? '';

function boundOf(plan: string): Bound {
  const read = readPlan(plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.bound;
}

/** A meaning as text, without what only names the bytes themselves. */
function meaning(explained: Explained): string | undefined {
  if (explained.kind === 'refused') return undefined;
  return JSON.stringify(explained, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function* flips(hex: string): Iterable<string> {
  for (let bit = 0; bit < hex.length * 4; bit += 1) {
    const bytes = Uint8Array.fromHex(hex);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield bytes.toHex();
  }
}

describe('what honest bytes mean', () => {
  it('coins, and a token: who pays, to whom, what; no fee, no end', () => {
    const common = {
      from: hot.address,
      fees: 0n,
      feeAsset: ETH,
      validUntil: null,
      signer: owners[0]?.publicKey,
    };
    for (const asset of [ETH, token]) {
      const planned = paymentOf({ asset });
      const outputs = [{ address: customer, memo: '', asset, units: 1_500_000n }];
      expect(explain(planned.plan, shareOfFirst(planned))).toMatchObject({
        kind: 'spend',
        spend: {
          ...common,
          outputs,
          share: shareOfFirst(planned),
          transactionId: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      });
    }
    expect(token).toBe('ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7');
  });

  it('a rotation, and a cancellation, which pays nobody', () => {
    expect(explain(rotation.plan, shareOfFirst(rotation))).toMatchObject({
      kind: 'change',
      change: {
        account: hot.address,
        remove: owners[0]?.publicKey,
        add: spare.publicKey,
        fees: 0n,
        validUntil: null,
        signer: owners[1]?.publicKey,
      },
    });
    expect(explain(cancellation.plan, shareOfFirst(cancellation))).toMatchObject({
      kind: 'spend',
      spend: { outputs: [] },
    });
  });

  it('each owner’s share is another, over the same hash', () => {
    const { plan, shares } = paymentOf({ asset: ETH });
    const explained = shares.map(({ share }) => explain(plan, share));
    expect(new Set(shares.map(({ share }) => share)).size).toBe(2);
    expect(new Set(shares.map(({ share }) => share.slice(0, 132))).size).toBe(1);
    expect(explained.map((one) => one.kind === 'spend' && one.spend.signer)).toEqual(
      shares.map(({ key }) => key),
    );
  });
});

describe('every flipped bit', () => {
  it.each(plans)('%s: of the plan alone is refused', (_, planned) => {
    const kept = [...flips(planned.plan)].filter(
      (plan) => explain(plan, shareOfFirst(planned)).kind !== 'refused',
    );
    expect(kept).toEqual([]);
  });

  it.each(plans)('%s: of the share is refused, but in the owner, who is then another', (_, planned) => {
    const honest = explain(planned.plan, shareOfFirst(planned));
    for (const share of flips(shareOfFirst(planned))) {
      const explained = explain(planned.plan, share);
      if (share.slice(0, 132) !== shareOfFirst(planned).slice(0, 132)) expect(explained.kind).toBe('refused');
      else expect(meaning(explained)).not.toBe(meaning(honest));
    }
  });

  it.each(plans)(
    '%s: of the plan, with the share that follows from it, never means the same',
    (_, planned) => {
      const honest = explain(planned.plan, shareOfFirst(planned));
      const owner = owners[1]?.publicKey as Address;
      const seen = new Set([meaning(honest)]);
      let explainedAtAll = 0;
      for (const plan of flips(planned.plan)) {
        const explained = explain(plan, shareOf(boundOf(plan), owner));
        if (explained.kind === 'refused') continue;
        explainedAtAll += 1;
        expect(seen.has(meaning(explained))).toBe(false);
        seen.add(meaning(explained));
        // One form: what was explained leads to exactly these bytes.
        expect(encodePlan(boundOf(plan))).toBe(plan);
      }
      // Units, recipients and nonces may be others. No cancellation but by its nonce.
      expect(explainedAtAll).toBeGreaterThan(200);
    },
  );

  it.each(plans)('%s: cut or extended', (_, { plan, shares }) => {
    for (const { share } of shares) {
      for (const altered of [
        plan.slice(2),
        plan.slice(0, -2),
        `${plan}00`,
        `00${plan}`,
        '',
        plan.toUpperCase(),
        `0x${plan}`,
      ])
        if (altered !== plan) expect(explain(altered, share).kind).toBe('refused');
      for (const altered of [share.slice(2), share.slice(0, -2), `${share}00`, '', share.slice(0, 132)])
        expect(explain(plan, altered).kind).toBe('refused');
    }
  });
});

describe('this test would notice', () => {
  it('a reader that skips one field', () => {
    const { plan } = paymentOf({ asset: ETH });
    const owner = owners[1]?.publicKey as Address;
    // refundReceiver: 20 bytes from the 221st on.
    const careless = (text: string) => {
      const masked = text.slice(0, 442) + '0'.repeat(40) + text.slice(482);
      return meaning(explain(masked, shareOf(boundOf(masked), owner)));
    };
    const honest = careless(plan);
    expect(honest).toBeDefined();
    expect([...flips(plan)].filter((altered) => careless(altered) === honest)).toHaveLength(160);
  });
});

describe('fields that the house always leaves empty are refused by name', () => {
  const altered: readonly (readonly [keyof SafeTx, Partial<SafeTx>])[] = [
    ['operation', { operation: 1 }],
    ['operation', { operation: 2 }],
    ['safeTxGas', { safeTxGas: 1n }],
    ['baseGas', { baseGas: 1n }],
    ['gasPrice', { gasPrice: 1n }],
    ['gasToken', { gasToken: usdt as Address }],
    ['refundReceiver', { refundReceiver: customer as Address }],
  ];
  it.each(altered)('%s', (name, change) => {
    const { chainId, safe, tx } = boundOf(paymentOf({ asset: ETH }).plan);
    const bound = { chainId, safe, tx: { ...tx, ...change } };
    const share = shareOf(bound, owners[0]?.publicKey as Address);
    expect(explain(encodePlan(bound), share)).toEqual({
      kind: 'refused',
      why: expect.stringMatching(new RegExp(`^plan: ${name}: `)),
    });
    expect(() => owners[0]?.sign(encodePlan(bound), share)).toThrow(name);
  });

  it('another chain, another Safe', () => {
    const { chainId, safe, tx } = boundOf(paymentOf({ asset: ETH }).plan);
    const owner = owners[0]?.publicKey as Address;
    const elsewhere = { chainId: 1n, safe, tx };
    const others = { chainId, safe: usdt as Address, tx };
    expect(explain(encodePlan(elsewhere), shareOf(elsewhere, owner))).toEqual({
      kind: 'refused',
      why: 'plan: chainId: 1, and devnet is 31337',
    });
    expect(() => owners[0]?.sign(encodePlan(elsewhere), shareOf(elsewhere, owner))).toThrow('chain 1');
    expect(explain(encodePlan(others), shareOf(others, owner))).toEqual({
      kind: 'refused',
      why: `plan: safe: pays from ${usdt}`,
    });
  });
});

describe('two plans conflict', () => {
  it('with one nonce of one Safe, and with nothing else', () => {
    const one = paymentOf({ asset: ETH });
    const conflict = (other: Planned) => ethereum.conflict(hot, one.plan, other.plan);
    expect(conflict(paymentOf({ asset: token, units: 3n }))).toBe(true);
    expect(conflict(cancellation)).toBe(true);
    expect(conflict(paymentOf({ asset: ETH, nonce: 8n }))).toBe(false);
    expect(conflict(paymentOf({ asset: ETH, network: 'mainnet' }))).toBe(false);
    expect(conflict(paymentOf({ asset: ETH, wallet: { ...hot, address: usdt } }))).toBe(false);
    expect(ethereum.conflict({ ...hot, address: usdt }, one.plan, cancellation.plan)).toBe(false);
    for (const junk of ['', 'zz', 'ab', one.plan.slice(0, 100)])
      expect(ethereum.conflict(hot, one.plan, junk)).toBe(false);
  });
});

describe('whatever is planned', () => {
  it('is explained as what was asked, and written as it was read', () => {
    const names = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${bytes.toHex()}`);
    const units = fc.bigInt({ min: 1n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(
        names,
        units,
        fc.bigInt({ min: 0n, max: 2n ** 64n }),
        fc.boolean(),
        (recipient, amount, nonce, coins) => {
          const asset = coins ? ETH : token;
          const result = planPayment({
            wallet: hot,
            network: 'devnet',
            nonce,
            keys,
            asset,
            recipient,
            units: amount,
          });
          if (result.kind === 'refused') throw new Error(result.why);
          const { plan, shares } = result.planned;
          expect(encodePlan(boundOf(plan))).toBe(plan);
          for (const { key, share } of shares)
            expect(explain(plan, share)).toMatchObject({
              spend: { signer: key, outputs: [{ asset, units: amount }] },
            });
        },
      ),
      { numRuns: rounds },
    );
  });

  it('is refused where nobody could mean it', () => {
    const base = {
      wallet: hot,
      network: 'devnet',
      nonce: 1n,
      keys,
      asset: ETH,
      recipient: customer,
      units: 1n,
    } as const;
    expect(planPayment({ ...base, recipient: 'x' })).toMatchObject({ field: 'recipient' });
    expect(planPayment({ ...base, units: 0n })).toMatchObject({ field: 'call' });
    expect(planPayment({ ...base, recipient: hot.address })).toMatchObject({ field: 'call' });
    expect(planPayment({ ...base, asset: 'nem:xem' as never })).toMatchObject({ field: 'asset' });
    expect(planPayment({ ...base, keys: keys.slice(1) })).toMatchObject({ field: 'keys' });
    expect(planPayment({ ...base, keys: [keys[0] ?? '', keys[0] ?? ''] })).toMatchObject({ field: 'keys' });
  });
});
