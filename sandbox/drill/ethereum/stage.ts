/**
 * A stage on an EVM chain: a house with Safes that hold the coin and tokens, the thief's purses, and what is left when he has gone,
 * read from the chain and the incidents. Its time is the wall clock's, and its blocks come at Ethereum's own pace.
 */
import { randomBytes } from 'node:crypto';
import { ETH, type Asset, type EthereumWallet } from '@kuramori/core';
import { relayerOf, selectorOf, tokenOf, word, type Address } from '@kuramori/chains/ethereum/codec';
import { z } from 'zod';
import { passed, type Ethereum, type EthereumDeed } from '../../ethereum/node.ts';
import { assetsOf, ethereumPolicy } from '../../ethereum/wallets.ts';
import type { House } from '../../house/house.ts';
import type { Stock } from '../../house/plan.ts';
import { noticed, openDrillHouse, untilStill, type Noticed, type Setting } from '../real-node.ts';

export interface EthereumSetting extends Setting {
  readonly stock: Stock;
}

export interface EthereumStage extends AsyncDisposable {
  readonly house: House;
  readonly call: Ethereum;
  readonly deed: EthereumDeed;
  readonly hot: EthereumWallet;
  /** The coin, and every token that is listed. */
  readonly assets: readonly Asset[];
  readonly held: (address: string, asset: Asset) => Promise<bigint>;
  /** A wallet of the thief's own, fresh: whatever is there at the end counts as stolen. */
  readonly purse: () => Address;
  /** Told of each transaction of the thief's that the node took. */
  readonly accepted: (hash: string) => void;
  readonly measure: () => Promise<EthereumMeasured>;
}

export interface EthereumMeasured extends Noticed {
  /** By the keepers' own values, in yen: what the thief has, what reached the cold Safe, and what hot and cold held before. */
  readonly stolen: bigint;
  readonly evacuated: bigint;
  readonly hot: bigint;
  readonly whole: bigint;
  /** Units of each asset that he has. */
  readonly purses: ReadonlyMap<Asset, bigint>;
  /** Transactions of the thief's: that the node took, and that did what they were to do. */
  readonly taken: number;
  readonly through: number;
}

/** Ethereum's, since The Merge. */
const slotSeconds = 12;

export async function setEthereumStage({
  folder,
  step,
  stock,
  plan,
}: EthereumSetting): Promise<EthereumStage> {
  const input = {
    ethereum: true,
    slotSeconds,
    stock,
    ...plan,
  };
  const house = await openDrillHouse({ folder, step, plan: input });
  const {
    ethereum: call,
    deed: { ethereum: deed },
  } = house;
  if (!call || !deed) throw new Error('drill: the house has nothing on Ethereum');
  const { wallets, values } = ethereumPolicy(deed);
  const hot = wallets.find((wallet) => wallet.role === 'hot');
  if (hot?.chain !== 'ethereum') throw new Error('drill: no hot Safe');
  const assets = assetsOf(deed);
  const held = (address: string, asset: Asset) => balanceOf(call, address, asset);
  const allOf = async (address: string) =>
    new Map(await Promise.all(assets.map(async (asset) => [asset, await held(address, asset)] as const)));
  const worthOf = (units: ReadonlyMap<Asset, bigint>) =>
    values.reduce((sum, { asset, yen, per }) => sum + ((units.get(asset) ?? 0n) * yen) / per, 0n);
  const before = { hot: await allOf(deed.hot), cold: await allOf(deed.cold) };
  const purses: Address[] = [];
  const taken: { readonly hash: string; readonly at: number }[] = [];

  /** Until the hot Safe is empty, or has stood still. */
  async function aftermath(): Promise<void> {
    step('the aftermath: until nothing is hot any more, or nothing moves');
    await untilStill(
      async () => {
        const now = [...(await allOf(deed?.hot ?? '')).values()];
        return { empty: now.every((units) => units === 0n), seen: now.join(' ') };
      },
      { blockSeconds: house.plan.slotSeconds, emptyMs: 3_000 },
    );
  }

  return {
    house,
    call,
    deed,
    hot,
    assets,
    held,
    purse() {
      const purse = relayerOf(randomBytes(32));
      purses.push(purse);
      return purse;
    },
    accepted: (hash) => void taken.push({ hash, at: Date.now() }),
    async measure() {
      // Where nothing of his was sent, there is nothing to wait for.
      if (taken.length > 0) await aftermath();
      const his = new Map<Asset, bigint>();
      for (const purse of purses)
        for (const [asset, units] of await allOf(purse)) his.set(asset, (his.get(asset) ?? 0n) + units);
      const home = new Map(
        [...(await allOf(deed.cold))].map(([asset, units]) => [
          asset,
          units - (before.cold.get(asset) ?? 0n),
        ]),
      );
      const ended = await Promise.all(taken.map(({ hash }) => passed(call, hash)));
      const firstBad = taken[0]?.at ?? null;
      const signers = deed.signers.map(({ id }) => id);
      return {
        stolen: worthOf(his),
        evacuated: worthOf(home),
        hot: worthOf(before.hot),
        whole: worthOf(before.hot) + worthOf(before.cold),
        purses: his,
        taken: taken.length,
        through: ended.filter((one) => one === true).length,
        ...noticed(house, signers, firstBad),
      };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

const Hex = z.string().regex(/^0x[0-9a-f]+$/);

async function balanceOf(call: Ethereum, address: string, asset: Asset): Promise<bigint> {
  if (asset === ETH) return BigInt(Hex.parse(await call('eth_getBalance', address, 'latest')));
  const data = `0x${selectorOf('balanceOf(address)')}${word(address as Address)}`;
  return BigInt(Hex.parse(await call('eth_call', { to: tokenOf(asset), data }, 'latest')));
}
