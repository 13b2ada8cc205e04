/** What tokens do to whoever believes their events: each as it is met, and what is credited of it. */
import { encodeFunctionData, getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customer as stranger } from '../codec/house.testing.ts';
import { lookerAt, payment, scene, tokenAbi, type Looker, type Scene, type Token } from '../testing/scene.ts';
import { ethereumReading } from './reading.ts';

const names = [
  'PlainToken',
  'SilentToken',
  'FalseToken',
  'TaxedToken',
  'BoastingToken',
  'RebasingToken',
  'ForgingToken',
  'SixDecimals',
] as const;
type Name = (typeof names)[number];

describe('tokens (anvil)', () => {
  let s: Scene;
  let l: Looker;
  const tokens = new Map<Name, Token>();
  let fake: Token;
  let customers = 0;
  let place: ReturnType<Scene['place']>;
  let nonce = 0n;

  beforeAll(async () => {
    s = await scene();
    for (const name of names) tokens.set(name, await s.token(name));
    fake = await s.token('PlainToken');
    l = lookerAt(s.chain.url, s, [...tokens.values()]);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  beforeEach(() => {
    customers += 1;
    place = s.place(`customer-${customers}`);
    l.ours.know('hot', place.salt);
  });

  const token = (name: Name): Token => {
    const found = tokens.get(name);
    if (!found) throw new Error(name);
    return found;
  };
  const mint = (at: Hex, to: Hex, units: bigint) => s.sends(at, 'mint', [to, units]);
  const transfer = (at: Hex, to: Hex, units: bigint) => s.sends(at, 'transfer', [to, units]);
  /** What the blocks since the last look brought to customers. */
  async function brought() {
    const known = [l.holdings.arrivals().length, l.holdings.doubtful().length];
    await l.look();
    const arrivals = l.holdings
      .arrivals()
      .slice(known[0])
      .filter(({ value }) => value.salt !== null);
    const doubtful = l.holdings.doubtful().slice(known[1]);
    return {
      arrivals: arrivals.map(({ value: { address, asset, units } }) => [address, asset, units]),
      doubtful: doubtful.map(({ value: { asset, why } }) => [asset, why]),
    };
  }

  it.each(['PlainToken', 'SilentToken', 'SixDecimals', 'RebasingToken', 'ForgingToken'] as const)(
    '%s: what came is what is told, to the unit, whatever its decimals',
    async (name) => {
      const { at, asset } = token(name);
      await mint(at, s.chain.payer, 5_000n);
      expect(await transfer(at, place.address, 1_234n)).toBe(true);
      expect(await brought()).toEqual({ arrivals: [[place.address, asset, 1_234n]], doubtful: [] });
      expect(l.holdings.balance(place.address, asset)).toBe(1_234n);
    },
  );

  it('fake-token: one that the policy does not list is not looked at', async () => {
    await mint(fake.at, place.address, 10n ** 24n);
    const [block] = await l.look();
    expect(block?.transactions).toEqual([]);
    expect(l.holdings.balance(place.address, fake.asset)).toBe(undefined);
  });

  it('fee-on-transfer, told honestly: what came', async () => {
    const { at, asset } = token('TaxedToken');
    await mint(at, s.chain.payer, 1_000n);
    await transfer(at, place.address, 1_000n);
    expect(await brought()).toEqual({ arrivals: [[place.address, asset, 990n]], doubtful: [] });
  });

  it('fee-on-transfer, told as if all had come: what came', async () => {
    const { at, asset } = token('BoastingToken');
    await mint(at, s.chain.payer, 2_000n);
    await transfer(at, place.address, 1_000n);
    expect(await brought()).toEqual({ arrivals: [[place.address, asset, 990n]], doubtful: [] });
  });

  it('fee-on-transfer, twice in one block: nobody says how much each brought', async () => {
    const { at, asset } = token('BoastingToken');
    await mint(at, s.chain.payer, 2_000n);
    await l.look();
    await s.anvil('evm_setAutomine', false);
    const data = encodeFunctionData({
      abi: tokenAbi,
      functionName: 'transfer',
      args: [place.address, 1_000n],
    });
    for (let times = 0; times < 2; times += 1)
      await s.chain.client.sendTransaction({ account: s.chain.payer, to: at, data, gas: 200_000n });
    await s.anvil('evm_mine');
    await s.anvil('evm_setAutomine', true);
    const { arrivals, doubtful } = await brought();
    expect(arrivals).toEqual([]);
    expect(doubtful).toEqual([[asset, 'the balance changed by 1980, and what is told is 2000']]);
  });

  it('an event of what nobody moved credits nothing', async () => {
    const { at, asset } = token('ForgingToken');
    await s.sends(at, 'forge', [s.chain.payer, place.address, 777n]);
    expect(await brought()).toEqual({
      arrivals: [],
      doubtful: [[asset, 'the balance changed by 0, and what is told is 777']],
    });
  });

  it('events of nothing, which anybody can have a token tell, are nothing', async () => {
    const { at } = token('ForgingToken');
    await s.sends(at, 'forge', [getAddress(s.hot.address), place.address, 0n]);
    const [block] = await l.look();
    expect(block?.transactions).toEqual([]);
  });

  it('rebasing: the next block that touches the balance shows it', async () => {
    const { at, asset } = token('RebasingToken');
    await mint(at, place.address, 100n);
    await l.look();
    await s.sends(at, 'rebase', [place.address, 40n]);
    await mint(at, place.address, 1n);
    const known = l.holdings.drifts().length;
    expect(await brought()).toEqual({ arrivals: [[place.address, asset, 1n]], doubtful: [] });
    expect(l.holdings.drifts().slice(known)).toMatchObject([
      { value: { address: place.address, asset, from: 100n, to: 40n } },
    ]);
  });

  it('rebasing down in a block that something moves in: somebody must look', async () => {
    const { at, asset } = token('RebasingToken');
    const safe = getAddress(s.hot.address);
    await mint(at, safe, 100n);
    await l.look();
    await s.anvil('evm_setAutomine', false);
    for (const [functionName, args] of [
      ['mint', [safe, 5n]],
      ['rebase', [safe, 50n]],
    ] as const) {
      const data = encodeFunctionData({ abi: tokenAbi, functionName, args });
      await s.chain.client.sendTransaction({ account: s.chain.payer, to: at, data, gas: 200_000n });
    }
    await s.anvil('evm_mine');
    await s.anvil('evm_setAutomine', true);
    const [block] = await l.look();
    expect(block?.unread).toEqual([
      {
        hash: null,
        signer: s.hot.cosigners[0]?.publicKey,
        why: `55 units of ${asset} are gone from hot, and nothing shows where`,
      },
    ]);
  });

  it('a transfer that reverts brought nothing', async () => {
    const { at } = token('PlainToken');
    expect(await transfer(at, place.address, 10n ** 30n)).toBe(false);
    expect(await brought()).toEqual({ arrivals: [], doubtful: [] });
  });

  /** Our own payment of a token that answers so. */
  async function pays(name: Name, recipient: string) {
    const { at, asset } = token(name);
    const safe = getAddress(s.hot.address);
    await mint(at, safe, 5_000n);
    await l.look();
    const made = payment(s.hot, { asset, recipient, units: 1_000n, nonce });
    nonce += 1n;
    expect(await s.chain.send(safe, made.calldata)).toMatchObject({ ok: true });
    const [seen] = await l.seen();
    if (!seen) throw new Error('not seen');
    return { seen, made, asset };
  }

  it.each([
    ['PlainToken', 1_000n],
    ['SilentToken', 1_000n],
    ['TaxedToken', 990n],
    ['FalseToken', 0n],
  ] as const)('a payment of ours in %s is executed, and brings %s', async (name, came) => {
    const { seen, made, asset } = await pays(name, stranger);
    const outs = seen.moves.filter(({ other }) => other === stranger);
    expect(seen.executions).toMatchObject([{ hash: made.hash, outcome: 'done', wallet: 'hot' }]);
    expect(outs.map((move) => [move.way, move.asset, move.units])).toEqual(
      came === 0n ? [] : [['out', asset, came]],
    );
    expect(seen.unexplained).toEqual([]);
    expect(seen.parts.map(({ signer, bytes }) => ({ key: signer, share: bytes }))).toEqual(
      expect.arrayContaining([...made.planned.shares]),
    );
    expect(ethereumReading(l.ours).named(seen)).toBe('a payment of a token by hot');
    expect(l.holdings.fate(made.planned.plan).kind).toBe('done');
  });
});
