/**
 * A Safe's guard lets in whoever its code names, for good. Where that is a key of nobody's, or the code is other code, a thief with
 * enough keys has a way to make a place his own: frozen at first sight. Where it is not what the policy pins now, people are told.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { chainOf, policyDigest, type EthereumWallet, type Policy, type PolicyChain } from '@kuramori/core';
import { callOf, type Address, type Bound } from '@kuramori/chains/ethereum/codec';
import { ownerNamed, secretNamed, spare } from '../chains/ethereum/codec/house.testing.ts';
import { boundOf, signedBlindly } from '../chains/ethereum/testing/house.ts';
import { ethereum, ether, until, watch, type Chain, type Watch } from './testing/ethereum.ts';

const stranger = ownerNamed('a thief').publicKey;
const [, second = '', vault = ''] = ['owner 1', 'owner 2', 'owner 3'].map(
  (name) => ownerNamed(name).publicKey,
);

let chain: Chain;
let w: Watch;
afterEach(async () => {
  await w[Symbol.asyncDispose]();
  await chain[Symbol.asyncDispose]();
});
async function open(given: Parameters<typeof ethereum>[0] = {}): Promise<void> {
  chain = await ethereum(given);
  w = await watch(chain, await chain.height());
}

const frozen = () => w.l.tower().status().frozen;
const apart = () => w.l.told().flatMap(({ sign, why }) => (sign === 'guardApart' ? String(why) : []));
const control = async () => {
  const asked = { wallet: chain.hot.id, nonces: ['0'.repeat(32)], plans: [], purpose: 'rotation' as const };
  const fact = await w.l.tower().fact(asked);
  return fact.kind === 'fact' ? fact.fact.fact.control : fact.detail;
};

describe('frozen at first sight', () => {
  it('a key that no version of the policy pins: nobody says any more who acts for the Safe', async () => {
    await open({ born: { spares: [spare.publicKey, stranger], vaults: [vault] } });
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toBe(
      `hot-eth is not as it was made: its guard lets in ${stranger}, whom no version of the policy pins`,
    );
    await w.seeing();
    expect(await control()).toBe(null);
  }, 60_000);

  it('code at the guard’s address that is none of our guards, as only a bug of the chain, or a wrong guard, could bring it about', async () => {
    await open();
    await w.seeing();
    expect(await control()).not.toBe(null);
    await w[Symbol.asyncDispose]();
    const { guard } = chain.made[chain.hot.address] ?? { guard: '' };
    const code = String(await chain.s.anvil('eth_getCode', guard, 'latest'));
    await chain.s.anvil('anvil_setCode', guard, code.replace('a9059cbb', '095ea7b3'));
    await chain.mine(3);
    w = await watch(chain, await chain.height());
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toBe(
      'hot-eth is not as it was made: its guard runs code that is none of our guards',
    );
    await w.seeing();
    expect(await control()).toBe(null);
  }, 60_000);
});

describe('told, and nothing stops', () => {
  it('a pinned spare whom the guard keeps out, and kinds of keys that it does not keep apart', async () => {
    await open({ born: { spares: [], vaults: [] } });
    await until('it to be told', () => apart().length > 0);
    expect(apart()).toEqual([
      `the policy pins ${spare.publicKey} as a spare, and the guard does not let it in: a rotation to it fails on the chain, and only a new Safe can have it`,
    ]);
    expect((await w.paid(ether(1), 0n)).planned.plan).not.toBe('');
    expect(frozen()).toBe(null);
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();

    await open({ born: { spares: [spare.publicKey], vaults: [] } });
    await until('it to be told', () => apart().length > 0);
    expect(apart()).toEqual([
      'the guard does not keep keys in vaults and keys online apart as the policy does',
    ]);
    expect(frozen()).toBe(null);
  }, 60_000);

  it('a Safe that was made without any guard', async () => {
    await open({ guarded: false });
    await until('it to be told', () => apart().length > 0);
    expect(apart()).toEqual([
      'the Safe was made without a guard: whoever has the keys of enough owners makes of it what he likes',
    ]);
    expect(frozen()).toBe(null);
  }, 60_000);

  it('a spare that a later version drops: the guard lets it in for good', async () => {
    await open();
    await w.seeing();
    expect(apart()).toEqual([]);
    const dropped = (wallet: EthereumWallet): EthereumWallet => ({ ...wallet, spares: [] });
    const later: Policy = {
      ...chain.policy,
      version: 2,
      prev: policyDigest(chain.policy),
      wallets: chain.policy.wallets.map((wallet) => (wallet.chain === 'ethereum' ? dropped(wallet) : wallet)),
    };
    await w.l.stopTower();
    await w.l.startTower([...chainOf(chain.policy), ...chainOf(later)] as unknown as PolicyChain);
    await until('it to be told', () => apart().length > 0);
    expect(apart()).toEqual([
      `the guard lets in ${spare.publicKey}, whom the policy pins no longer: whoever has that key, and enough of the owners’, makes a place his own, so another Safe is due`,
    ]);
    expect(frozen()).toBe(null);
    expect(await control()).not.toBe(null);
  }, 60_000);
});

describe('a stolen quorum begins with an owner’s place', () => {
  /** Signed by both online owners’ keys, with the Safe’s next number, and waiting. */
  async function attempt(): Promise<void> {
    await w.seeing();
    await chain.automine(false);
    const call = callOf(chain.hot.address as Address, {
      kind: 'swap',
      previous: chain.hot.cosigners[0]?.publicKey as Address,
      remove: second as Address,
      add: stranger as Address,
    });
    const { chainId, safe, tx } = boundOf(chain.stolen({ units: 1n, nonce: 0n }));
    const bound: Bound = { chainId, safe, tx: { ...tx, ...call } };
    await chain.sends(signedBlindly(bound, ['owner 1', 'owner 2'].map(secretNamed)));
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toMatch(/^an owner in another’s place by hot-eth/);
  }
  const home = async () => {
    await chain.mine();
    await w.seeing();
    const assets = chain.policy.rules.filter(({ wallet }) => wallet === chain.hot.id);
    return (await Promise.all(assets.map(({ asset }) => chain.units(chain.cold.address, asset)))).join();
  };

  it('refused on the chain, frozen while it waits, and all goes home by the owners who are there', async () => {
    await open();
    await attempt();
    const all = [ether(100), 1_000n, 5n].join();
    await until('coins and tokens to be home', async () => (await home()) === all, 30_000);
    expect(await control()).toMatchObject({
      keys: chain.hot.cosigners.map(({ publicKey }) => publicKey).toSorted(),
    });
  }, 60_000);

  it('planted: without the guard the place is his by his first number, and nothing goes home behind it', async () => {
    await open({ guarded: false });
    await attempt();
    await chain.mine();
    await until('the owners to be named', () =>
      w.l.told().some(({ why }) => String(why).includes(`its owners are`)),
    );
    for (let blocks = 0; blocks < 20; blocks += 1) expect(await home()).toBe('0,0,0');
  }, 60_000);
});
