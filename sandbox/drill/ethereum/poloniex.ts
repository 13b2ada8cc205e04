/** KEY: everything that is listed, one token after the other, each to a fresh wallet to which half a coin is sent first, for gas. */
import { randomBytes } from 'node:crypto';
import { ETH, parseAmount, type Asset, type ChainKey } from '@kuramori/core';
import {
  callOf,
  chainIdOf,
  ethereum,
  zeroAddress,
  type Address,
  type Bound,
} from '@kuramori/chains/ethereum/codec';
import { stealSecret } from '../steal.ts';
import type { EthereumScene } from '../thefts/drill.ts';
import type { EthereumStage } from './stage.ts';
import { executionBlindly, executionBy, inBlock, nextNumber, sendAsThief, stealOwners } from './thief.ts';

const gas = parseAmount('0.5', ETH);

interface Wish {
  readonly asset: Asset;
  readonly to: Address;
  /** Null: all that is there. */
  readonly units: bigint | null;
}

/** For each token a fresh wallet, gas for it, and the token; what is left of the coin comes last. */
function wishes({ assets, purse }: EthereumStage): readonly (readonly Wish[])[] {
  const tokens = assets.filter((asset) => asset !== ETH);
  return [
    ...tokens.map((asset): readonly Wish[] => {
      const to = purse();
      return [
        { asset: ETH, to, units: gas },
        { asset, to, units: null },
      ];
    }),
    [{ asset: ETH, to: purse(), units: null }],
  ];
}

/** As in 2023: each token waits for the one before to be in a block. He looks at the chain again each time, and tries once more what failed. */
export async function oneAfterTheOther(
  stage: EthereumStage,
  owners: readonly ChainKey[] = stealOwners(stage),
): Promise<void> {
  for (const wanted of wishes(stage))
    for (let tries = 0; tries < 2; tries += 1) {
      // Gas is for what he then has there: where the token is gone, he wants none.
      if ((await stage.held(stage.hot.address, wanted.at(-1)?.asset ?? ETH)) === 0n) break;
      const sent = await take(stage, owners, wanted);
      const passes = await Promise.all(sent.map((hash) => inBlock(stage, hash)));
      if (passes.every(Boolean)) break;
    }
}

/** With his first number the second owner's place becomes his own, so that nothing of ours is valid behind it. Then the same. */
export async function placeFirst(scene: EthereumScene): Promise<void> {
  const { deed, hot, house, note } = scene;
  const [first, second] = deed.signers;
  if (!first || !second) throw new Error('drill: two owners online');
  const his = ethereum.keyOf(randomBytes(32), 'ethereum', 'devnet');
  const safe = hot.address as Address;
  const swap = callOf(safe, {
    kind: 'swap',
    previous: first.chainKey as Address,
    remove: second.chainKey as Address,
    add: his.publicKey as Address,
  });
  const nonce = await nextNumber(scene);
  const refundless = {
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: zeroAddress,
    refundReceiver: zeroAddress,
  };
  const bound: Bound = {
    chainId: chainIdOf('devnet'),
    safe,
    tx: { ...swap, operation: 0, nonce, ...refundless },
  };
  const keys = [first, second].map(({ id, chainKey }) => {
    return { publicKey: chainKey, secret: stealSecret(house, id) };
  });
  const hash = await sendAsThief(scene, safe, executionBlindly(bound, keys));
  scene.accepted(hash);
  const isHis = await inBlock(scene, hash);
  note(`the second owner’s place: ${isHis ? 'HIS' : 'refused by the Safe'}`);
  if (!isHis) return oneAfterTheOther(scene);
  const cosigners = hot.cosigners.map((one) =>
    one.publicKey === second.chainKey ? { ...one, publicKey: his.publicKey } : one,
  );
  return oneAfterTheOther({ ...scene, hot: { ...hot, cosigners } }, [...stealOwners(scene).slice(0, 1), his]);
}

/** Signs all of it beforehand, with the Safe's next numbers, and sends it as fast as the node takes it. */
export async function allAtOnce(stage: EthereumStage): Promise<void> {
  await take(stage, stealOwners(stage), wishes(stage).flat());
}

/** With the Safe's next numbers; signed first, and then sent without a wait. Gives the transactions' hashes. */
async function take(
  stage: EthereumStage,
  owners: readonly ChainKey[],
  wanted: readonly Wish[],
): Promise<readonly string[]> {
  const { hot, assets, held } = stage;
  let number = await nextNumber(stage);
  const left = new Map(
    await Promise.all(assets.map(async (asset) => [asset, await held(hot.address, asset)] as const)),
  );
  const signed: string[] = [];
  for (const { asset, to, units: asked } of wanted) {
    const has = left.get(asset) ?? 0n;
    const units = asked === null || asked > has ? has : asked;
    if (units === 0n) continue;
    signed.push(executionBy(owners, stage, { asset, to, units, nonce: number }));
    left.set(asset, has - units);
    number += 1n;
  }
  const hashes: string[] = [];
  for (const calldata of signed) {
    const hash = await sendAsThief(stage, hot.address, calldata);
    stage.accepted(hash);
    hashes.push(hash);
  }
  return hashes;
}
