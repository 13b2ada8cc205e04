/**
 * PATH: the thief uses our own path. He owns custody, and more from case to case: the key that signs the exchange's
 * requests, an approver's, a keeper's, a watchtower's. Where signers do not judge, they sign what he shows them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyDigest, signingKeyFromSeed, signStatement, type Ask, type Policy } from '@kuramori/core';
import {
  addressOf,
  shareOf,
  encode,
  parsePrivateKey,
  publicKeyOf,
  sign,
  sortModifications,
  type Address,
  type Modification,
  type Multisig,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { jsonText } from '@kuramori/program';
import { z } from 'zod';
import { clientOf, done, requestWithdrawal } from '../../day.ts';
import { must, transfer } from '../../house/chain.ts';
import { publish } from '../../house/publish.ts';
import { whereOf } from '../../house/rooms.ts';
import { policyFor, writePolicy } from '../../house/write-policy.ts';
import { honestWithdrawal } from '../honest.ts';
import { custodyTaken, intentOf, obtain, wordsOf, type Share } from '../path-attacks.ts';
import { readTheft } from '../theft.ts';
import { stealKey, times } from '../thief.ts';
import { all, ask, asMuchAs, feeCap, wordsFor } from './asking.ts';
import { planWith } from './defences.ts';
import type { Scene } from './drill.ts';
import { spend } from './key.ts';
import { lookalikes } from './purses.ts';

const xem = 1_000_000n;
const [minute, hour] = [60_000, 3_600_000];

/** Bitfinex: first the limits are raised, with a keeper's key, then everything leaves in many payments. */
export async function limitsRaised(scene: Scene): Promise<void> {
  const { house, now, jumpTo, hot } = scene;
  await house.kill('custody');
  const first = policyFor(house.deed, house.plan, house.people.exchange.publicKey);
  const { rule: loose = house.plan.rule } = planWith((defence) => defence !== 'limits');
  const second: Policy = {
    ...policyFor(house.deed, { ...house.plan, rule: loose }, house.people.exchange.publicKey),
    version: 2,
    prev: policyDigest(first),
  };
  const policyFile = join(house.plan.folder, 'policy', 'raised.json');
  writePolicy(policyFile, [first, second], house.people.keeper);
  for (const name of ['watchtower', ...house.deed.signers.map(({ id }) => id as `signer-${number}`)] as const)
    await house.restart(name, { policyFile });
  const words = await wordsFor(scene);
  for (let batch = 0; batch < 6; batch += 1) {
    await asMuchAs(scene, hot / 6n, words);
    await jumpTo(now() + 30 * minute);
  }
}

/** DMM: a genuine request, its destination exchanged between asking and signing; and everything else that custody could ask. */
export async function requestAltered(scene: Scene): Promise<void> {
  const { now, hot, has } = scene;
  if (!has('judging')) {
    const paid = await spend(scene, all(scene), scene.account().address, hot, 0);
    if (paid?.code === 1) scene.accepted(paid);
    return;
  }
  const [first] = readTheft().transfers;
  const at = now() + hour;
  await custodyTaken({
    ...scene,
    theft: { ...readTheft(), transfers: [{ ...first, n: 1, at, units: hot }] },
  });
}

/** BigONE: the server that says what is allowed says yes to everything; the signers are honest. */
export async function riskServerReplaced(scene: Scene): Promise<void> {
  await scene.house.kill('custody');
  const words = await wordsFor(scene);
  await asMuchAs(scene, scene.hot, words);
  await scene.jumpTo(scene.now() + 2 * hour);
  await asMuchAs(scene, scene.hot, words);
}

/** CoinDCX: one unit to see whether it works, and seven hours later six transfers. */
export async function credentialStolen(scene: Scene): Promise<void> {
  const { house, now, jumpTo, hot } = scene;
  await house.kill('custody');
  const words = await wordsFor(scene);
  const purse = scene.account().address;
  const began = now();
  const probe = await ask(scene, purse, xem, words);
  if (probe?.code === 1) scene.accepted(probe);
  await jumpTo(began + 7 * hour + 3 * minute);
  for (let turn = 0; turn < 6; turn += 1) {
    await asMuchAs(scene, hot / 6n, words);
    await jumpTo(now() + 2 * minute);
  }
}

/** An insider with the exchange's key and one approver's, where two must approve: what is below their eyes, and what is not. */
export async function insider(scene: Scene): Promise<void> {
  const { house, now, jumpTo, hot } = scene;
  await house.kill('custody');
  const words = await wordsFor(scene);
  // At three in the morning, and for as long as nobody looks: three nights.
  for (let night = 0; night < 3; night += 1) {
    await asMuchAs(scene, hot, words, [approvers.insider]);
    await jumpTo(now() + 24 * hour + minute);
  }
}

/** Two people who approve; the first is the insider. */
export const approvers = {
  insider: signingKeyFromSeed(Buffer.alloc(32, 0x11)),
  honest: signingKeyFromSeed(Buffer.alloc(32, 0x22)),
};

/**
 * WazirX and Bybit, as NEM can say it: the screen shows a payment that the exchange did ask for, and the bytes change who
 * may sign, after which no signature of ours is needed.
 */
export async function otherBytesThanShown(scene: Scene): Promise<void> {
  const { house, now, jumpTo, account, accepted, has, hot } = scene;
  const request = await honestWithdrawal(house, now, jumpTo);
  await house.kill('custody');
  const words = await wordsFor(scene);
  const intent = intentOf(request);
  const { deed } = house;
  const own = [account(), account()] as const;
  const [one, two] = deed.signers.map(({ chainKey }) => chainKey as PublicKey);
  const vault = deed.vaultKey as PublicKey;
  if (!one || !two) throw new Error('two signers');
  const changes: readonly (readonly [Modification['modifications'], number])[] = [
    [
      [
        ...own.map(({ publicKey }) => ({ type: 'add', cosigner: publicKey }) as const),
        { type: 'delete', cosigner: vault },
      ],
      0,
    ],
    [[{ type: 'delete', cosigner: two }], -1],
  ];
  for (const [modifications, minCosignatoriesChange] of changes) {
    const inner: Modification = {
      kind: 'modification',
      version: 2,
      network: 'testnet',
      ...times(now(), 3600),
      signer: deed.hot.publicKey as PublicKey,
      fee: 500_000n,
      modifications: sortModifications([...modifications], 'testnet'),
      minCosignatoriesChange,
    };
    const wrapper: Multisig = {
      kind: 'multisig',
      version: 1,
      network: 'testnet',
      ...times(now(), 3600),
      signer: one,
      fee: 150_000n,
      inner,
    };
    const plan = encode(wrapper).toHex();
    const wallet = {
      ...deed.hot,
      threshold: 2,
      cosigners: deed.signers.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id })),
    };
    const asked = (share: Share): Ask => ({
      kind: 'payment',
      wallet: 'hot-xem',
      intents: [{ intent, authority: { kind: 'exchange-request', request }, approvals: [] }],
      ...share,
    });
    for (const { id, chainKey } of deed.signers) {
      const share = shareOf(wallet, plan, chainKey, 'testnet') ?? '';
      const signature = has('judging')
        ? await obtain(whereOf(house.plan, id), asked, { plan, share }, words)
        : sign(stealKey(house, id).privateKey, Uint8Array.fromHex(share));
      if (signature === null) continue;
      const { code, hash } = must(await house.nodes[0].announce({ data: share, signature }));
      if (code === 1) accepted({ hash: hash ?? '', code, at: Date.now() });
    }
    await jumpTo(now() + 2 * minute);
    // Once the wallet is his, he needs nobody.
    const taken = await spend(scene, own, own[0].address, hot, 0);
    if (taken?.code === 1) accepted(taken);
    await jumpTo(now() + 2 * minute);
  }
}

/** A thief who is in custody's folder and tries what he finds there. It is one of ours that nobody uses. */
export async function canaryTried(scene: Scene): Promise<void> {
  const { house, now, account, accepted, jumpTo } = scene;
  const found = Found.parse(
    JSON.parse(readFileSync(join(house.plan.folder, 'custody', 'wallet-recovery.json'), 'utf8')),
  );
  const read = parsePrivateKey(found.privateKey);
  if (read.kind === 'refused') throw new Error(read.why);
  const publicKey = publicKeyOf(read.privateKey);
  const his = { privateKey: read.privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
  const sent = transfer(his, account().address, 10n * xem, '', now());
  const { code } = must(await house.nodes[0].announce(sent));
  if (code === 1) accepted({ hash: sent.hash, code, at: Date.now() });
  await jumpTo(now() + 2 * minute);
  // And then what he came for, with the exchange's key; everybody refuses by now.
  await house.kill('custody');
  await asMuchAs(scene, scene.hot, wordsOf(house));
}

const Found = z.object({ privateKey: z.string() });

/** Ronin, 2024: after an upgrade of our own a quorum reads as none. Signers are given such a policy, and asked without any countersignature. */
export async function quorumOfNone(scene: Scene): Promise<void> {
  const { house, hot, note } = scene;
  await house.kill('custody');
  const { deed, people, plan } = house;
  const policy = policyFor(deed, plan, people.exchange.publicKey);
  const upgraded = { ...policy, watchtowers: { ...policy.watchtowers, quorum: 0 } };
  const signature = signStatement(people.keeper, 'policy', upgraded);
  const file = join(plan.folder, 'policy', 'upgraded.json');
  publish(
    file,
    jsonText({
      bundles: [{ policy: upgraded, signatures: [{ keeper: people.keeper.publicKey, signature }] }],
    }),
  );
  for (const { id } of deed.signers)
    await house.restart(id as `signer-${number}`, { policyFile: file }).then(
      () => note(`${id} took a policy whose quorum is 0`),
      () => house.restart(id as `signer-${number}`),
    );
  const words = await wordsFor(scene);
  await asMuchAs(scene, hot, { facts: words.facts, countersign: () => Promise.resolve([]) });
}

/** Poisoned history: dust comes from an address that looks like the customer's, and somebody copies the wrong one. */
export async function poisonedHistory(scene: Scene): Promise<void> {
  const { house, now, jumpTo, note, purse, accepted } = scene;
  const { known, lookalike } = lookalikes();
  await honestWithdrawal(house, now, jumpTo);
  const pay = async (to: Address) => {
    const client = clientOf(scene);
    const asked = done(
      await requestWithdrawal(scene, { customer: 'customer-1', to, units: 500n * xem, feeCap }),
    );
    for (let looks = 0; looks < 12; looks += 1) {
      await jumpTo(now() + 2 * minute);
      const { body: shown } = done(await client.call('showWithdrawal', { params: { id: asked.body.id } }));
      if (['final', 'refused', 'returned'].includes(shown.state)) return shown;
    }
    return null;
  };
  const honest = await pay(known);
  note(`to the known address: ${honest?.state ?? 'waits'}`);
  purse(lookalike);
  const copied = await pay(lookalike);
  note(`to the lookalike: ${copied?.state ?? 'waits'}${copied?.why == null ? '' : `, ${copied.why}`}`);
  if (copied?.state === 'final') accepted({ hash: copied.transaction ?? '', code: 1, at: Date.now() });
}
