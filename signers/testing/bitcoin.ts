/** A wallet of Bitcoin's family whose co-signers stand at a counter, and coins that it never had. */
import { createHash } from 'node:crypto';
import type { BitcoinWallet, Network } from '@kuramori/core';
import {
  addressAt,
  bitcoin,
  descriptorKeyOf,
  idOf,
  placeAt,
  descriptorOf,
  planPayments,
  writeDescriptor,
  writeTransaction,
  type BitcoinChain,
  type Coin,
  type Means,
  type Payment,
  type Planned,
  type PlanResult,
} from '@kuramori/chains/bitcoin/codec';

export const network: Network = 'devnet';
export const chain: BitcoinChain = 'litecoin';

const secretOf = (name: string) =>
  new Uint8Array(createHash('sha256').update(`test bitcoin ${name}`).digest());

/** As its holder has it, made anew: a process that ends wipes its own. */
export const keyOf = (name: string) => bitcoin.keyOf(secretOf(name), chain, network);

function walletOf(id: 'hot' | 'cold', names: readonly string[]): BitcoinWallet {
  const descriptor = writeDescriptor(
    2,
    names.map((name) => descriptorKeyOf(secretOf(name), chain, network)),
  );
  return {
    id,
    role: id,
    chain,
    descriptor,
    threshold: 2,
    address: addressAt({ chain, descriptor }, network, 0, 0),
    cosigners: names.map((name, at) => ({
      publicKey: keyOf(name).publicKey,
      signer: id === 'hot' && at < 2 ? `signer-${at + 1}` : null,
    })),
    evacuateTo: id === 'hot' ? 'cold' : null,
  };
}

export const hot = walletOf('hot', ['c1', 'c2', 'c3']);
export const cold = walletOf('cold', ['d1', 'd2', 'd3']);

/** Addresses of others. */
export const addressOf = (who: string) => {
  const descriptor = writeDescriptor(
    1,
    [who, `${who} too`].map((name) => descriptorKeyOf(secretOf(name), chain, network)),
  );
  return addressAt({ chain, descriptor }, network, 0, 0);
};

/** A transaction that brought coins, one an amount, and the coins; its inputs are nobody's. */
export function brought(...amounts: readonly bigint[]): {
  readonly previous: string;
  readonly coins: readonly Coin[];
} {
  const descriptor = descriptorOf(hot);
  count += 1;
  const transaction = {
    version: 2,
    inputs: [
      {
        txid: createHash('sha256').update(`before ${count}`).digest('hex'),
        vout: 0,
        sequence: 0xfffffffd,
        scriptSig: new Uint8Array(),
        witness: [],
      },
    ],
    outputs: amounts.map((units, index) => ({ units, script: placeAt(descriptor, 0, index).script })),
    lockTime: 0,
  };
  const txid = idOf(transaction);
  return {
    previous: writeTransaction(transaction).toHex(),
    coins: amounts.map((units, vout) => ({ txid, vout, units, branch: 0, index: vout })),
  };
}
let count = 0;

export const means = (coins: readonly Coin[], feeRate = 20_000n): Means => ({
  wallet: hot,
  network,
  coins,
  feeRate,
  usualRate: 10_000n,
  change: 3,
  lockTime: 0,
  seed: 'test',
});

export function must(result: PlanResult): Planned {
  if (result.kind === 'refused') throw new Error(`${result.field} ${result.why}`);
  return result.planned;
}

export const planned = (coins: readonly Coin[], payments: readonly Payment[], feeRate?: bigint) =>
  must(planPayments({ ...means(coins, feeRate), payments }));

/** What a signer is asked of a plan. */
export function asked(
  { plan, shares }: Planned,
  which: 1 | 2,
): { readonly plan: string; readonly share: string } {
  return { plan, share: shares.find(({ key }) => key === hot.cosigners[which - 1]?.publicKey)?.share ?? '' };
}
