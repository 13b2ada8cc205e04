/** An owner's key gives its place to the spare: recorded, it is no alarm, though the vault keeps no journal here; unrecorded, it is. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryHash, policyDigest, signerRoutes, signStatement } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { combine, planRotation } from '@kuramori/chains/ethereum/codec';
import { made, ownerNamed, spare } from '../chains/ethereum/codec/house.testing.ts';
import { keepers } from '../core/testing/house.ts';
import { ethereum, ether, until, watch, type Chain, type Hex, type Watch } from './testing/ethereum.ts';

describe('a Safe, on one node behind two who may lie (anvil)', () => {
  let chain: Chain;
  let w: Watch;
  beforeEach(async () => {
    chain = await ethereum();
    w = await watch(chain, await chain.height());
    await w.seeing();
  }, 60_000);
  afterEach(async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const owners = () => chain.hot.cosigners.map(({ publicKey }) => publicKey);
  /** The first owner's place is the spare's: by the second, who is online, and the third, in the vault. */
  const planned = (add = spare.publicKey) => {
    const [remove = '', ...keys] = owners();
    return made(
      planRotation({
        wallet: chain.hot,
        network: 'devnet',
        nonce: 0n,
        keys,
        remove,
        add,
        owners: owners(),
      }),
    );
  };
  const signedBy = (name: string, { plan, shares }: ReturnType<typeof planned>): string => {
    const key = ownerNamed(name);
    return key.sign(plan, shares.find((one) => one.key === key.publicKey)?.share ?? '');
  };
  function executed(plan: ReturnType<typeof planned>, second: string): Hex {
    const [, online = '', vault = ''] = owners();
    const signatures = new Map([
      [online, second],
      [vault, signedBy('owner 3', plan)],
    ]);
    const combined = combine(chain.hot, plan.plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    return `0x${combined.calldata}`;
  }
  const control = async () => {
    const asked = { wallet: chain.hot.id, nonces: ['0'.repeat(32)], plans: [], purpose: 'rotation' as const };
    const fact = await w.l.tower().fact(asked);
    if (fact.kind !== 'fact') throw new Error(fact.detail);
    return fact.fact.fact.control;
  };

  it('by the keepers’ word and a record: silent, and the chain names the spare', async () => {
    const { l } = w;
    const [remove = '', online = ''] = owners();
    const plan = planned();
    const where = l.sockets.get('signer-4');
    const nonce = await call(where, signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error(nonce.kind);
    const asked = { wallet: chain.hot.id, nonces: [nonce.nonce], plans: [], purpose: 'rotation' as const };
    const fact = await l.tower().fact(asked);
    if (fact.kind !== 'fact') throw new Error(fact.detail);
    const rotation = {
      wallet: chain.hot.id,
      remove,
      add: spare.publicKey,
      policy: policyDigest(chain.policy),
      expiry: Math.floor(l.clock.ms / 1000) + 3600,
    };
    const recorded = await call(where, signerRoutes.propose, {
      kind: 'rotation',
      wallet: chain.hot.id,
      rotation: {
        rotation,
        signatures: keepers.map((keeper) => ({
          keeper: keeper.publicKey,
          signature: signStatement(keeper, 'rotation', rotation),
        })),
      },
      plan: plan.plan,
      share: plan.shares.find(({ key }) => key === online)?.share ?? '',
      facts: [fact.fact],
    });
    if (recorded.kind !== 'recorded') throw new Error(JSON.stringify(recorded));
    const word = await l.tower().countersign(recorded.record);
    if (word.kind !== 'countersigned') throw new Error(`${word.why}: ${word.detail}`);
    const released = await call(where, signerRoutes.release, {
      entry: entryHash(recorded.record.entry),
      countersignatures: [word.countersignature],
    });
    if (released.kind !== 'signed') throw new Error(JSON.stringify(released));
    await chain.automine(false);
    await chain.sends(executed(plan, released.signature));
    const { rounds } = w.sees();
    await until('both to have shown it', () => w.sees().rounds > rounds + 3);
    await chain.mine();
    await w.seeing();
    await until('two rounds', () => w.sees().rounds > rounds + 6);
    expect((await control())?.keys).toEqual([spare.publicKey, ...owners().slice(1)].toSorted());
    expect(l.tower().status().frozen).toBe(null);
    expect(l.incident()).toEqual([]);
  }, 60_000);

  const named = () => w.l.told().some(({ why }) => /its owners are/.test(String(why)));
  async function unrecorded(add: string): Promise<void> {
    const plan = planned(add);
    await chain.sends(executed(plan, signedBy('owner 2', plan)));
    await until('the freeze', () => w.l.tower().status().frozen !== null);
    expect(w.l.tower().status().frozen?.freeze.why).toMatch(
      /^an owner in another’s place by hot-eth in block/,
    );
  }

  it('by no record, for the pinned spare: frozen, and all goes home by the spare and the owner who is left', async () => {
    await unrecorded(spare.publicKey);
    await until('the coins to be home', async () => (await w.held(chain.cold.id)) === ether(100), 20_000);
    expect(named()).toBe(false);
  }, 60_000);

  it('by no record, for a key of a thief’s, where no guard keeps it out: frozen, and its owners are named', async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
    chain = await ethereum({ guarded: false });
    w = await watch(chain, await chain.height());
    await w.seeing();
    await unrecorded(ownerNamed('a thief').publicKey);
    await until('the owners to be named', named);
  }, 60_000);
});
