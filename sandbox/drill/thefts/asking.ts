/** Asking, as the thief who owns custody does it: with the exchange's key, an approver's, or a watchtower's; and as much as he gets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  approvalOf,
  entryHash,
  signingKeyFromSeed,
  signStatement,
  withdrawalPath,
  XEM,
  type Approval,
  type Ask,
  type SignedFact,
  type SigningKey,
} from '@kuramori/core';
import type { Address } from '@kuramori/chains/nem/codec';
import { exchangeRequest } from '../../exchange.ts';
import { must } from '../../house/chain.ts';
import { drive, intentOf, wordsOf, type Words } from '../path-attacks.ts';
import { stealKey, takeable, type Attempt } from '../thief.ts';
import type { Scene } from './drill.ts';
import { spend } from './key.ts';

const xem = 1_000_000n;
/** Micro-XEM that he lets every payment cost, and below which he does not ask again. */
export const feeCap = 5n * xem;
const worthwhile = 1_000n * xem;

/** Asks for one payment with the exchange's own key, and sees it through himself. Null where he was refused. */
export async function ask(
  scene: Scene,
  to: Address,
  units: bigint,
  words: Words,
  approvers: readonly SigningKey[] = [],
): Promise<Attempt | null> {
  const { house, now, has } = scene;
  const free = await takeable(house.nodes[0], house.deed.hot.address);
  const amount = units < free ? units : free - feeCap;
  if (amount <= 0n) return null;
  if (!has('judging')) return spend(scene, all(scene), to, amount, 0);
  const body = {
    customer: 'customer-1',
    asset: XEM,
    amount,
    destination: { address: to as string, memo: '' },
    feeCap,
  };
  const request = exchangeRequest(house.people.exchange, withdrawalPath, body, now());
  const intent = intentOf(request);
  const approvals = approvers.map((key): Approval => {
    return { person: key.publicKey, signature: signStatement(key, 'approval', approvalOf(intent)) };
  });
  return drive(
    house,
    now,
    to,
    amount,
    (share): Ask => ({
      kind: 'payment',
      wallet: 'hot-xem',
      intents: [{ intent, authority: { kind: 'exchange-request', request }, approvals }],
      ...share,
    }),
    words,
  );
}

export const all = ({ house }: Scene) => house.deed.signers.map(({ id }) => stealKey(house, id));

/** As much as he gets to accounts of his own: what is refused is asked for again by halves. */
export async function asMuchAs(
  scene: Scene,
  wanted: bigint,
  words: Words,
  approvers: readonly SigningKey[] = [],
): Promise<void> {
  for (let units = wanted; units > worthwhile;) {
    const paid = await ask(scene, scene.account().address, units, words, approvers);
    if (paid?.code === 1) scene.accepted(paid);
    if ((await takeable(scene.house.nodes[0], scene.house.deed.hot.address)) <= worthwhile) return;
    if (paid?.code !== 1) units /= 2n;
  }
}

/**
 * Whose words the thief has: where nobody watches, the watchtower's own key, from its folder, and its process is dead. He
 * states what signers want to hear, and countersigns whatever they record.
 */
export async function wordsFor({ house, has, now }: Scene): Promise<Words> {
  if (has('watchtower')) return wordsOf(house);
  await house.kill('watchtower');
  const seed = readFileSync(join(house.plan.folder, 'watchtower', 'seed'), 'utf8').trim();
  const key = signingKeyFromSeed(Buffer.from(seed, 'hex'));
  const { deed } = house;
  const keys = [...deed.signers.map(({ chainKey }) => chainKey), deed.vaultKey ?? ''].toSorted();
  return {
    async facts(nonce) {
      const [node] = house.nodes;
      const { balance } = must(await node.account(deed.hot.address));
      const fact: SignedFact['fact'] = {
        network: 'devnet',
        purpose: 'payment',
        at: now(),
        tip: { height: must(await node.height()), hash: '00'.repeat(32) },
        wallet: 'hot-xem',
        balance: { asset: XEM, units: balance },
        control: { threshold: 2, keys },
        nonces: [nonce],
        dead: [],
      };
      return [{ fact, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', fact) }];
    },
    countersign: (record) =>
      Promise.resolve([
        {
          watchtower: key.publicKey,
          signature: signStatement(key, 'countersignature', { entry: entryHash(record.entry) }),
        },
      ]),
  };
}
