/**
 * KEY: Upbit. The thief reads blocks, and works keys out from signatures whose nonces repeat. From a foreign wallet, whose signers
 * choose their nonces badly, he gets them, and takes with all what he could not with one; from ours he gets none.
 */
import { createHash, randomBytes } from 'node:crypto';
import { formatAmount, LTC, parseAmount } from '@kuramori/core';
import {
  addressOf,
  descriptorOf,
  outpointText,
  placeAt,
  readTransaction,
  writeTransaction,
  type Outpoint,
  type Transaction,
} from '@kuramori/chains/bitcoin/codec';
import { z } from 'zod';
import type { LitecoinScene } from '../thefts/drill.ts';
import { carry, everySigner, planOf, proofsOf, requestTo, shownOf } from './asking.ts';
import { numberOf, publicOf } from './keys.ts';
import { keysGivenAway, signaturesIn, signWithNonce, type Lock, type SeenSignature } from './nonces.ts';
import { announce } from './thief.ts';

/** What a customer is paid, and what the foreign wallet has in each of its coins. */
const units = parseAmount('0.3', LTC);
const foreignCoin = parseAmount('1', LTC);
const fees = parseAmount('0.001', LTC);

export async function nonceReader(scene: LitecoinScene): Promise<void> {
  await fromForeigners(scene);
  await fromOurs(scene);
}

/** Payments out of coins of one address, so that one key of each signer signs again and again. */
async function fromOurs(scene: LitecoinScene): Promise<void> {
  const { hot, note } = scene;
  const descriptor = descriptorOf(hot);
  const all = await scene.freeCoins();
  const coins = all.filter(({ branch, index }) => branch === 0 && index === 0);
  const seen: SeenSignature[] = [];
  for (const coin of coins) {
    const to = addressOf(Buffer.concat([Buffer.of(0, 20), randomBytes(20)]), 'litecoin', 'devnet') ?? '';
    const plan = planOf(scene, [coin], [{ address: to, units }]);
    if (!plan) throw new Error('drill: a coin pays for less than itself');
    const { ask } = requestTo(scene, to, units);
    const answers = await everySigner(scene, ask(await proofsOf(scene, [coin], plan)), shownOf(plan));
    // Nothing of it is his.
    const sent = await carry({ ...scene, accepted: () => {} }, plan, answers);
    if (sent.kind === 'refused') throw new Error(`drill: an honest payment: ${sent.why}`);
    const { witnessScript } = placeAt(descriptor, 0, 0);
    const locks = new Map([[outpointText(coin), { units: coin.units, witnessScript }]]);
    seen.push(...signaturesIn(await transactionAt(scene, sent.id), locks));
  }
  const keys = keysGivenAway(seen);
  const pairs = (seen.length * (seen.length - 1)) / 2;
  note(
    `our signers: ${seen.length} signatures under one script, ${pairs} pairs: ${keys.length === 0 ? 'no key' : `${keys.length} KEYS`}`,
  );
}

/** Two who sign a 2-of-3 of their own; first one repeats his nonces, then both do. */
async function fromForeigners(scene: LitecoinScene): Promise<void> {
  const { node, nodes, note, house } = scene;
  const owners = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const witnessScript = Buffer.concat([
    Buffer.of(0x52),
    ...owners.flatMap((key) => [Buffer.of(33), publicOf(key)]),
    Buffer.of(0x53, 0xae),
  ]);
  const hash = createHash('sha256').update(witnessScript).digest();
  const script = Buffer.concat([Buffer.of(0, 32), hash]);
  const address = addressOf(script, 'litecoin', 'devnet') ?? '';
  for (let count = 0; count < 6; count += 1)
    await house.litecoin?.('sendtoaddress', address, formatAmount(foreignCoin, LTC));
  await scene.nextBlock();
  const lock: Lock = { units: foreignCoin, witnessScript };
  const { unspents } = Scanned.parse(await node('scantxoutset', 'start', [`addr(${address})`]));
  const locks = new Map(unspents.map((coin) => [outpointText(coin), lock]));
  const [first, second, third, fourth, ...rest] = unspents;
  if (!first || !second || !third || !fourth) throw new Error('drill: the foreign wallet has no coins');

  /** Signed by the first two, each with the nonce that he is given. */
  const spends = (coins: readonly Outpoint[], keys: readonly Buffer[], nonces: readonly bigint[]) => {
    const open: Transaction = {
      version: 2,
      lockTime: 0,
      inputs: coins.map((coin) => ({
        txid: coin.txid,
        vout: coin.vout,
        sequence: 0xfffffffd,
        scriptSig: new Uint8Array(),
        witness: [],
      })),
      outputs: [{ units: BigInt(coins.length) * foreignCoin - fees, script: someone() }],
    };
    const inputs = open.inputs.map((input, at) => {
      const signed = keys.map((key, by) => signWithNonce(key, nonces[by] ?? chance(), open, at, lock));
      return { ...input, witness: [new Uint8Array(), ...signed, witnessScript] };
    });
    return writeTransaction({ ...open, inputs }).toHex();
  };
  const pays = async (coin: Outpoint, nonces: readonly bigint[]) => {
    const sent = await announce(node, spends([coin], owners.slice(0, 2), nonces));
    if (sent.kind === 'refused') throw new Error(`drill: a foreign payment: ${sent.why}`);
    return signaturesIn(await transactionAt(scene, sent.id), locks);
  };
  /** Whoever he has, in the order of the script. */
  const takes = async (keys: readonly Buffer[]) => {
    const known = owners.filter((owner) => keys.some((key) => key.equals(owner)));
    const hex = spends(rest, known, []);
    const [answer] = await Promise.all(nodes.map((one) => announce(one, hex)));
    return answer?.kind === 'sent' ? `${rest.length} LTC taken` : `${answer?.why}`;
  };

  const nonce = chance();
  const one = [...(await pays(first, [nonce, chance()])), ...(await pays(second, [nonce, chance()]))];
  const single = keysGivenAway(one);
  note(`a foreign 2-of-3, of which one repeats nonces: ${single.length} key; with it ${await takes(single)}`);
  // A counter is no better than a constant.
  const counter = chance();
  const more = [
    ...one,
    ...(await pays(third, [chance(), counter])),
    ...(await pays(fourth, [chance(), counter + 1n])),
  ];
  const both = keysGivenAway(more);
  note(`and the other counts them up: ${both.length} keys; with them ${await takes(both)}`);
}

const Scanned = z.object({ unspents: z.array(z.object({ txid: z.string(), vout: z.int() })) });

async function transactionAt({ node }: LitecoinScene, id: string): Promise<Transaction> {
  // In a block meanwhile, a node finds it only there.
  const found = await node('getrawtransaction', id).catch(async () =>
    node('getrawtransaction', id, false, await node('getbestblockhash')),
  );
  const read = readTransaction(z.string().parse(found));
  if (!read) throw new Error(`drill: ${id} cannot be read`);
  return read;
}

const someone = () => Buffer.concat([Buffer.of(0, 20), randomBytes(20)]);
/** Below the group's order in all but one case of 2^128. */
const chance = () => numberOf(randomBytes(32));
