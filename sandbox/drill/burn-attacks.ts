/**
 * Burning rather than stealing: on NEM one stolen cosigner's key can have the wallet pay fees to whoever makes the blocks, or
 * pay once more what was paid. A cosignature binds the inner transaction alone, so it serves in any wrapper of it
 * (reference: NIS MultisigSignatureTransaction); a wrapper's fee has no limit, and a cosignature's is 1,000 XEM at most.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestJson } from '@kuramori/chains/http';
import {
  encode,
  explain,
  innerHash,
  type Address,
  type Cosignature,
  type Multisig,
} from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import { done, requestWithdrawal } from '../day.ts';
import { must, pause } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Account } from '../house/people.ts';
import type { Scene } from './attacks.ts';
import { honestWithdrawal } from './honest.ts';
import { send, stealKey, times } from './thief.ts';

const xem = 1_000_000n;
const hour = 3_600_000;
/** How often an honest payment is lain in wait for. */
const tries = 3;

/**
 * The thief sits on the machine of the signer that proposes, reads in its journal what will be paid, and is at every node
 * first with a wrapper of his own around it, whose fee is all that is left.
 */
export async function burnWrapper(scene: Scene): Promise<void> {
  const { house, now } = scene;
  await honestWithdrawal(house, now, scene.jumpTo);
  const stolen = stealKey(house, 'signer-1');
  await layInWait(scene, async (known) => {
    const plan = plansOf(house, 'signer-1').find((one) => !known.has(one));
    if (plan === undefined) return false;
    const wrapper = wrapperOf(plan);
    const { balance } = must(await house.nodes[0].account(house.deed.hot.address));
    const { inner } = wrapper;
    const paid = inner.kind === 'transfer' ? inner.amount + inner.fee : inner.fee;
    // The cosignature's own fee must be left, or no node takes it.
    await sendEverywhere(scene, stolen, { ...wrapper, signer: stolen.publicKey, fee: balance - paid - xem });
    return true;
  });
}

/** The thief has the key of the signer that cosigns: as soon as a wrapper of ours waits, he cosigns it for 1,000 XEM. */
export async function burnCosignature(scene: Scene): Promise<void> {
  const { house, now } = scene;
  await honestWithdrawal(house, now, scene.jumpTo);
  const stolen = stealKey(house, 'signer-2');
  await layInWait(scene, async () => {
    const { seen } = must(await house.nodes[1].unconfirmed(house.deed.hot.address));
    const wrapper = seen.find(({ transaction }) => transaction.kind === 'multisig')?.transaction;
    if (wrapper?.kind !== 'multisig') return false;
    await sendEverywhere(scene, stolen, {
      kind: 'cosignature',
      version: 1,
      network: 'testnet',
      signer: stolen.publicKey,
      ...times(now(), 1800),
      fee: 1_000n * xem,
      innerHash: innerHash(wrapper),
      multisig: house.deed.hot.address as Address,
    });
    return true;
  });
}

/**
 * The chain forgets a paid transaction's hash after 36 hours, and its block rules never look at an inner deadline. The
 * thief makes blocks himself, without the pool's check, and wraps what was paid once more, with its old cosignature.
 */
export async function replayPaid(scene: Scene): Promise<void> {
  const { house, now, jumpTo } = scene;
  await honestWithdrawal(house, now, jumpTo);
  const stolen = stealKey(house, 'signer-1');
  const paid = await payments(house);
  for (const { url } of house.nodes) await control(url, 'deadlines', { check: false });
  // Hashes are pruned in blocks whose height is 1 more than a multiple of 360.
  await jumpTo(now() + 44 * hour);
  for (const { wrapper, cosignatures } of paid) {
    await sendEverywhere(scene, stolen, { ...wrapper, signer: stolen.publicKey, ...times(now(), 1800) });
    for (const { transaction, signature } of cosignatures)
      for (const node of house.nodes)
        must(await node.announce({ data: encode(transaction).toHex(), signature }));
  }
}

/** Honest withdrawals are asked for, and the thief is on the watch until one of them is under way. */
async function layInWait(
  scene: Scene,
  strike: (known: ReadonlySet<string>) => Promise<boolean>,
): Promise<void> {
  const { house, now, jumpTo } = scene;
  for (let round = 0; round < tries; round += 1) {
    const known = new Set(plansOf(house, 'signer-1'));
    const to = house.people.customer.address;
    const answer = await requestWithdrawal(scene, {
      customer: 'customer-1',
      to,
      units: 100n * xem,
      feeCap: xem,
    });
    // Frozen, the house may take no more.
    if (answer.kind === 'problem') return;
    done(answer);
    const until = performance.now() + 10_000;
    while (!(await strike(known)) && performance.now() < until) await pause(1);
    await jumpTo(now() + 120_000);
  }
}

/** The payments that a signer has recorded, as its journal on its own disk tells. */
function plansOf(house: House, signer: string): readonly string[] {
  const text = readFileSync(join(house.plan.folder, signer, 'journal.jsonl'), 'utf8');
  return [...text.matchAll(/"plan":"([0-9a-f]+)"/g)].flatMap(([, plan]) => plan ?? []);
}

function wrapperOf(plan: string): Multisig {
  const read = explain(Uint8Array.fromHex(plan), 'testnet');
  if (read.kind === 'refused' || read.transaction.kind !== 'multisig') throw new Error('a plan is a wrapper');
  return read.transaction;
}

/** What the hot wallet has paid, with the cosignatures that anybody can read in the blocks. */
async function payments({
  nodes,
  deed,
}: House): Promise<readonly (Pick<SeenTransaction, 'cosignatures'> & { readonly wrapper: Multisig })[]> {
  const found: { wrapper: Multisig; cosignatures: SeenTransaction['cosignatures'] }[] = [];
  for (let height = deed.watchFrom; ;) {
    const blocks = must(await nodes[0].blocksAfter(height));
    if (blocks.length === 0) return found;
    for (const { transaction, cosignatures } of blocks.flatMap(({ transactions }) => transactions))
      if (transaction.kind === 'multisig' && transaction.inner.kind === 'transfer')
        found.push({ wrapper: transaction, cosignatures });
    height = blocks.at(-1)?.height ?? height;
  }
}

async function sendEverywhere(
  { house, accepted }: Scene,
  by: Account,
  transaction: Multisig | Cosignature,
): Promise<void> {
  const sent = await Promise.all(house.nodes.map((node) => send(node, by, transaction)));
  const taken = sent.find(({ code }) => code === 1);
  if (taken) accepted(taken);
}

async function control(url: string, what: string, body: object): Promise<void> {
  const answer = await requestJson({ url }, 'POST', `/devnet/control/${what}`, body);
  if (answer.kind === 'unreachable' || answer.status !== 200)
    throw new Error(`${url}: ${what}: ${JSON.stringify(answer)}`);
}
