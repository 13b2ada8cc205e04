/** The vault's part in a rotation: all that its key of a hot wallet ever signs. The bytes follow from the plan alone. */
import { z } from 'zod';
import {
  statedAsset,
  canonicalText,
  coinOn,
  controlledBy,
  countersigned,
  Countersignature,
  entryHash,
  everyKey,
  formatAmount,
  judgeRotation,
  keepersFor,
  readFacts,
  SignedEntry,
  verifyEntry,
  type Change,
  type Network,
  type Wallet,
} from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { timeText } from '@kuramori/program';
import type { Entrusted, Keys, Opened } from '../keystore.ts';
import { askHolder, type Around } from '../held/holder.ts';
import { readPinned, type Pins } from '../pins.ts';
import { mustBeDerived } from '../self-test.ts';
import { elsewhere } from './elsewhere.ts';
import { refusal } from './refusal.ts';

export const RotationRequest = z.strictObject({
  /** The signed policy file, whole. */
  policy: z.unknown(),
  /** An online signer's record of the rotation, and the watchtowers' word for it. */
  record: SignedEntry,
  countersignatures: z.array(Countersignature).max(32),
});

/** What a request asks of this vault, judged: the keepers, a signer and the watchtowers have all agreed to just that. */
export interface Judged {
  readonly change: Change;
  readonly plan: string;
  readonly share: string;
  readonly wallet: Wallet;
  readonly network: Network;
  /** For the people there, decoded from the bytes and from what was verified. */
  readonly shown: readonly (readonly [what: string, value: string])[];
}

/** By the part of the request that is not so. */
const inJapanese = {
  record:
    'この記録は、この金庫の鍵の交代ではないか、変えられています。署名していません。依頼した人に確かめてください',
  policy: '規則の署名か版が正しくありません。署名していません。新しい規則を持ってきてください',
  countersignatures: '必要な数の監視塔の連署がありません。署名していません。依頼を作り直してください',
  'record.plan':
    '取引のバイト列が読み取れないか、変えられています。署名していません。依頼を作り直してください',
  'record.rotation': '規則がこの鍵の交代を認めません。署名していません。責任者に知らせてください',
} as const;

/** Throws Misconfigured with the field that is not so. Nothing is signed here. */
export function judgedRotation(
  keys: Opened,
  pins: Pins,
  { policy: file, record, countersignatures }: z.infer<typeof RotationRequest>,
): Judged {
  const refuse = (field: keyof typeof inJapanese, why: string) => refusal(field, why, inJapanese[field]);
  const { body } = record.entry;
  if (body.kind !== 'rotation')
    throw refuse('record', `records a ${body.kind}: this key signs rotations, and nothing else`);
  const read = readPinned(file, pins);
  if (read.kind === 'refused') throw refusal(`policy.${read.field}`, read.why, inJapanese.policy);
  const version = read.chain.find(({ digest }) => digest === body.rotation.rotation.policy);
  if (!version) throw refuse('policy', 'has not the version under which the keepers decided it');
  const { policy } = version;
  if (!verifyEntry(policy, record)) throw refuse('record', 'is not signed by a signer of this policy');
  const words = countersigned(policy, entryHash(record.entry), countersignatures);
  if (words < policy.watchtowers.quorum)
    throw refuse(
      'countersignatures',
      `${words} of the ${policy.watchtowers.quorum} watchtowers that it takes`,
    );
  const pinned = policy.wallets.find(({ id }) => id === body.wallet);
  const stated = statedAsset(policy, body);
  const facts = stated && readFacts(policy, body.wallet, stated, body.facts, 'rotation');
  const control = facts?.kind === 'witnessed' ? facts.witnessed.control : null;
  // As judge does: a key that came by an earlier rotation may give its place to the next.
  const wallet = (pinned && control && controlledBy(pinned, control)) ?? pinned;
  if (!wallet?.cosigners.some(({ publicKey, signer }) => publicKey === keys.chainKey && signer === null))
    throw refuse('record', `${body.wallet} has no key of this vault`);
  const other = elsewhere(keys, wallet, policy);
  if (other !== undefined) throw refuse('record', other);
  const codec = codecOf(wallet.chain);
  const share = codec.shareOf(wallet, body.plan, keys.chainKey, policy.network);
  if (share === undefined) throw refuse('record.plan', `asks nothing of this vault’s key ${keys.chainKey}`);
  const explained = codec.explainShare(wallet, body.plan, share, policy.network);
  if (explained.kind === 'refused') throw refuse('record.plan', explained.why);
  if (explained.kind !== 'change' || explained.change.signer !== keys.chainKey)
    throw refuse('record.plan', 'changes nobody’s keys');
  if (body.rotation.rotation.remove === keys.chainKey)
    throw refuse('record.rotation', 'removes this vault’s own key: the others sign that');
  const judged = judgeRotation(
    { policy, witnessed: { at: record.entry.at } },
    body,
    wallet,
    explained.change,
  );
  if ('kind' in judged) throw refuse('record.rotation', `${judged.why}: ${judged.detail}`);
  const { change } = explained;
  const { remove, add, expiry } = body.rotation.rotation;
  const heldBy = (key: string) =>
    everyKey(wallet).find(({ publicKey }) => publicKey === key)?.signer ?? 'a vault';
  return {
    change,
    plan: body.plan,
    share,
    wallet,
    network: policy.network,
    shown: [
      ['wallet', `${wallet.id}, ${wallet.chain} ${policy.network}: ${change.account}`],
      ['goes', `${remove} (${heldBy(remove)})`],
      ['comes', `${add} (${heldBy(add)}), a spare that the policy has pinned`],
      [
        'fees',
        `${formatAmount(change.fees, coinOn(wallet.chain))} of ${coinOn(wallet.chain)}, which the wallet pays`,
      ],
      [
        'ends',
        change.validUntil === null
          ? 'never by itself: only once the wallet’s number in it is used, by this or by something else'
          : timeText(change.validUntil * 1000),
      ],
      ['by policy', `version ${policy.version}, ${version.digest}`],
      [
        'decided by',
        `${keepersFor(version, body.rotation)} of ${policy.keepers.people.length} keepers, until ${timeText(expiry * 1000)}`,
      ],
      ['recorded by', `${record.entry.signer}, at ${timeText(record.entry.at)} by the watchtowers’ clocks`],
      ['countersigned', `by ${words} of ${policy.watchtowers.keys.length} watchtowers`],
    ],
  };
}

/** Signs just what was judged. */
export function cosign(keys: Keys, { change, plan, share }: Judged) {
  const signature = keys.chain.sign(plan, share);
  mustBeDerived(keys, plan, share, signature);
  return { signed: told(change), share, signature };
}

/** The same by whoever has the chain key. */
export async function haveCosigned(keys: Entrusted, judged: Judged, around: Around) {
  const answer = await askHolder(keys, { ...judged, previous: [] }, around);
  // A wallet of Bitcoin's family changes no keys: its coins move, by an order.
  if (answer.kind === 'asked') throw new Error('haveCosigned: a change of keys was asked for by PSBT');
  return { signed: told(judged.change), share: answer.share, signature: answer.signature };
}

function told(change: Change): Record<string, unknown> {
  return JSON.parse(canonicalText({ ...change })) as Record<string, unknown>;
}
