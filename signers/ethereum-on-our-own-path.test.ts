/**
 * Who has taken custody, or only the screen that people look at, asks two co-signers for a Safe's coins: they sign what its bytes
 * do, and an honest payment is executed by the real contracts.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  controlOf,
  ETH,
  policyDigest,
  signStatement,
  type Asset,
  type EthereumWallet,
  type Refusal,
  type RotationAsk,
} from '@kuramori/core';
import {
  combine,
  encodePlan,
  planCancellation,
  planPayment,
  planRotation,
  readPlan,
  shareOf,
  tokenAsset,
  type Address,
  type Bound,
  type Planned,
} from '@kuramori/chains/ethereum/codec';
import { keepers, now } from '../core/testing/house.ts';
import { made, ownerNamed, spare, usdt, walletAt } from '../chains/ethereum/codec/house.testing.ts';
import { startAnvil, type Anvil } from '../chains/ethereum/testing/anvil.ts';
import { deploySafe, deploySafes, safeAbi, type Safes } from '../chains/ethereum/testing/house.ts';
import { counter, ruleOf, whyNot, type Counter } from './testing/counter.ts';

const ether = (text: number) => BigInt(Math.round(text * 1_000_000)) * 10n ** 12n;
type Hex = `0x${string}`;
const [alice, thief] = [
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0x000000000000000000000000000000000badF00D',
] as const;
const token = tokenAsset(usdt as Address);

let chain: Anvil;
let safes: Safes;
let hot: EthereumWallet;
const cold: EthereumWallet = {
  ...walletAt('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 2, ['d1', 'd2', 'd3'].map(ownerNamed)),
  id: 'cold',
  role: 'cold',
  evacuateTo: null,
};
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
  const wallet = await deploySafe(chain, safes);
  const cosigners = wallet.cosigners.map((one, at) => ({ ...one, signer: at < 2 ? one.signer : null }));
  hot = { ...wallet, cosigners };
  await chain.client.setBalance({ address: hot.address as Hex, value: ether(100) });
}, 60_000);
afterAll(() => chain[Symbol.asyncDispose]());

let c: Counter | undefined;
afterEach(() => c?.[Symbol.dispose]());
function open(): Counter {
  c = counter({
    hot,
    cold,
    assets: [ETH, token],
    keys: () => [ownerNamed('owner 1'), ownerNamed('owner 2')],
    balance: ether(100),
    rule: ruleOf(ether),
  });
  return c;
}

const keys = () => hot.cosigners.slice(0, 2).map(({ publicKey }) => publicKey);
const planned = (to: string, units: bigint, nonce = 0n, asset: Asset = ETH): Planned =>
  made(planPayment({ wallet: hot, network: 'devnet', nonce, keys: keys(), asset, recipient: to, units }));
const asked = ({ plan, shares }: Planned, which: 1 | 2) => ({ plan, share: shares[which - 1]?.share ?? '' });
const both = [1, 2] as const;

/** A plan with something of it changed, and a share that follows from it. */
function altered(plan: Planned, which: 1 | 2, change: (bound: Bound) => Bound) {
  const read = readPlan(plan.plan);
  if (read.kind === 'refused') throw new Error(read.why);
  const bound = change(read.bound);
  return { plan: encodePlan(bound), share: shareOf(bound, keys()[which - 1] as Address) };
}
const withTx = (change: Partial<Bound['tx']>) => (bound: Bound) => ({
  ...bound,
  tx: { ...bound.tx, ...change },
});

/** What the Safe itself says. */
const safe = () => ({ abi: safeAbi, address: hot.address as Hex }) as const;

describe('an honest custody', () => {
  it('has coins paid by two signers who never met, through the real contracts and our guard', async () => {
    const here = open();
    const plan = planned(alice, ether(3));
    const request = here.request({ to: alice, units: ether(3) });
    const signatures = new Map(
      both.map((which) => {
        const signature = here.signed(which, here.ask(which, asked(plan, which), [request]));
        if (typeof signature !== 'string') throw new Error(`${signature.why}: ${signature.detail}`);
        return [keys()[which - 1] ?? '', signature] as const;
      }),
    );
    const execution = combine(hot, plan.plan, signatures);
    if (execution.kind === 'refused') throw new Error(execution.why);
    const before = await chain.client.getBalance({ address: alice });
    expect(await chain.send(hot.address as Hex, `0x${execution.calldata}`)).toMatchObject({ ok: true });
    expect((await chain.client.getBalance({ address: alice })) - before).toBe(ether(3));
    // Their signatures ended with the nonce.
    expect(await chain.send(hot.address as Hex, `0x${execution.calldata}`)).toMatchObject({ ok: false });
  });

  it('has a token paid by the token’s own rule and balance, not by the coin’s', () => {
    const here = open();
    const plan = planned(alice, 5_000_000n, 0n, token);
    const request = here.request({ to: alice, units: 5_000_000n, asset: token });
    const told = { balance: { asset: token, units: 1_000_000_000n } };
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 1), [request])))).toBe('facts-below-quorum');
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 1), [request], told)))).toBe('signed');
    // The coin in the token’s place, of as many units.
    const coin = planned(alice, 5_000_000n, 1n);
    expect(whyNot(here.signed(1, here.ask(1, asked(coin, 1), [request], told)))).not.toBe('signed');
  });
});

describe('a taken custody', () => {
  const cases: readonly (readonly [
    what: string,
    why: string,
    make: (which: 1 | 2) => { plan: string; share: string },
  ])[] = [
    ['pays a thief instead', 'output-without-intent', (which) => asked(planned(thief, ether(3)), which)],
    ['pays more', 'output-without-intent', (which) => asked(planned(alice, ether(3) + 1n), which)],
    [
      'pays a token instead',
      'output-without-intent',
      (which) => asked(planned(alice, ether(3), 0n, token), which),
    ],
    [
      'has a delegatecall made, as at Bybit',
      'bytes-refused',
      (which) =>
        altered(planned(alice, ether(3), 0n, token), which, withTx({ operation: 1, to: thief as Address })),
    ],
    [
      'has the relayer’s gas paid back to a thief',
      'bytes-refused',
      (which) =>
        altered(
          planned(alice, ether(3)),
          which,
          withTx({ gasPrice: 1n, baseGas: 1_000_000n, refundReceiver: thief as Address }),
        ),
    ],
    [
      'lets a thief take tokens later (approve)',
      'bytes-refused',
      (which) =>
        altered(
          planned(alice, ether(3), 0n, token),
          which,
          withTx({ data: `095ea7b3${'0'.repeat(24)}${thief.slice(2).toLowerCase()}${'f'.repeat(64)}` }),
        ),
    ],
    [
      'makes a module of a thief',
      'bytes-refused',
      (which) =>
        altered(
          planned(alice, ether(3), 0n, token),
          which,
          withTx({
            to: hot.address as Address,
            data: `610b5925${'0'.repeat(24)}${thief.slice(2).toLowerCase()}`,
          }),
        ),
    ],
    [
      'asks for the same on another chain',
      'bytes-refused',
      (which) => altered(planned(alice, ether(3)), which, (bound) => ({ ...bound, chainId: 1n })),
    ],
    [
      'asks for the same from another Safe',
      'bytes-refused',
      (which) =>
        altered(planned(alice, ether(3)), which, (bound) => ({ ...bound, safe: cold.address as Address })),
    ],
    [
      'changes an owner where a payment was asked for',
      'bytes-refused',
      (which) => {
        const rotation = { wallet: hot, network: 'devnet', nonce: 0n, keys: keys() } as const;
        const owners = hot.cosigners.map(({ publicKey }) => publicKey);
        const plan = made(planRotation({ ...rotation, remove: owners[2] ?? '', add: thief, owners }));
        return asked(plan, which);
      },
    ],
    [
      'shows a plan, and has another’s hash signed (WazirX)',
      'bytes-refused',
      (which) => ({
        plan: planned(alice, ether(3)).plan,
        share: asked(planned(thief, ether(3)), which).share,
      }),
    ],
  ];
  it.each(cases)('%s: %s', (_what, why, make) => {
    const here = open();
    for (const which of both) {
      const request = here.request({ to: alice, units: ether(3) });
      expect(whyNot(here.signed(which, here.ask(which, make(which), [request])))).toBe(why);
    }
  });

  it('asks for a payment again under the next nonce: both would pay; under the same, one', () => {
    const here = open();
    const request = here.request({ to: alice, units: ether(3) });
    const sign = (plan: Planned): string | Refusal => here.signed(1, here.ask(1, asked(plan, 1), [request]));
    expect(whyNot(sign(planned(alice, ether(3), 4n)))).toBe('signed');
    expect(whyNot(sign(planned(alice, ether(3), 5n)))).toBe('paid-by-another-transaction');
  });

  it('uses up nonces with cancellations that nobody asked for', () => {
    const here = open();
    const plan = made(planCancellation({ wallet: hot, network: 'devnet', nonce: 0n, keys: keys() }));
    const request = here.request({ to: alice, units: ether(3) });
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 1), [request])))).toBe('intent-without-output');
  });
});

describe('after a theft', () => {
  /** A share that a stolen key has signed. */
  const theft = () => {
    const key = ownerNamed('owner 2');
    const { plan, share } = asked(planned(thief, ether(90), 9n), 2);
    return { bytes: share, signer: key.publicKey, signature: key.sign(plan, share) };
  };

  it('everything goes to the pinned cold Safe, and nowhere else', () => {
    const here = open();
    const moved = { units: ether(97), number: 1 };
    const home = planned(cold.address, ether(97));
    const ask = (plan: Planned, to = cold.address, stolen = theft()) =>
      whyNot(here.signed(1, here.home(1, { ...asked(plan, 1), fees: 0n }, { ...moved, to }, stolen)));
    expect(ask(home)).toBe('not-frozen');
    here.freeze();
    expect(ask(planned(thief, ether(97)), thief)).toBe('destination-not-pinned');
    const { bytes, signer, signature } = theft();
    expect(ask(home, cold.address, { bytes, signer: keys()[0] ?? '', signature })).toBe('evidence-signature');
    expect(ask(home, cold.address, { bytes, signer, signature: signature.replace(/^../, '00') })).toBe(
      'evidence-signature',
    );
    expect(ask(home)).toBe('signed');
  });

  it('the stolen key gives its place to the spare, in one transaction, frozen or not', async () => {
    const here = open();
    here.freeze();
    const owners = hot.cosigners.map(({ publicKey }) => publicKey);
    const [stolen = '', second = '', vault = ''] = owners;
    const nonce = await chain.client.readContract({ ...safe(), functionName: 'nonce' });
    const plan = made(
      planRotation({
        wallet: hot,
        network: 'devnet',
        nonce,
        keys: [second, vault],
        remove: stolen,
        add: spare.publicKey,
        owners,
      }),
    );
    const rotation = {
      wallet: hot.id,
      remove: stolen,
      add: spare.publicKey,
      policy: policyDigest(here.policy),
      expiry: Math.floor(now / 1000) + 3600,
    };
    const by = (people: readonly (typeof keepers)[number][], what = rotation) => ({
      rotation: what,
      signatures: people.map((keeper) => ({
        keeper: keeper.publicKey,
        signature: signStatement(keeper, 'rotation', what),
      })),
    });
    const share = plan.shares.find(({ key }) => key === second)?.share ?? '';
    const ask = (signed: RotationAsk['rotation']): RotationAsk => ({
      kind: 'rotation',
      wallet: hot.id,
      rotation: signed,
      plan: plan.plan,
      share,
      facts: [here.fact(2, { purpose: 'rotation', control: controlOf(hot) })],
    });
    expect(whyNot(here.signed(2, ask(by(keepers.slice(0, 1)))))).toBe('rotation-below-quorum');
    expect(whyNot(here.signed(2, ask(by(keepers, { ...rotation, add: thief }))))).toBe('rotation-altered');
    const signature = here.signed(2, ask(by(keepers)));
    if (typeof signature !== 'string') throw new Error(`${signature.why}: ${signature.detail}`);
    const held = ownerNamed('owner 3');
    const vaults = held.sign(plan.plan, plan.shares.find(({ key }) => key === vault)?.share ?? '');
    const execution = combine(
      hot,
      plan.plan,
      new Map([
        [second, signature],
        [vault, vaults],
      ]),
    );
    if (execution.kind === 'refused') throw new Error(execution.why);
    expect(await chain.send(hot.address as Hex, `0x${execution.calldata}`)).toMatchObject({ ok: true });
    const left = await chain.client.readContract({ ...safe(), functionName: 'getOwners' });
    expect(new Set<string>(left)).toEqual(new Set([spare.publicKey, second, vault]));
  });
});
