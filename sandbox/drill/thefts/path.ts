/**
 * PATH: the thief uses our own path. He owns custody, and more from case to case: the key that signs the exchange's
 * requests, an approver's, a keeper's, a watchtower's. Where signers do not judge, they sign what he shows them.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  approvalOf,
  entryHash,
  policyDigest,
  signingKeyFromSeed,
  signStatement,
  withdrawalPath,
  XEM,
  type Approval,
  type Ask,
  type Policy,
  type SigningKey,
} from '@kuramori/core';
import {
  addressOf,
  cosignatureOf,
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
import { clientOf, done } from '../../day.ts';
import { exchangeRequest } from '../../exchange.ts';
import { must, transfer } from '../../house/chain.ts';
import { publish } from '../../house/publish.ts';
import { whereOf } from '../../house/rooms.ts';
import { policyFor, writePolicy } from '../../house/write-policy.ts';
import { honestWithdrawal } from '../honest.ts';
import { custodyTaken, drive, intentOf, obtain, wordsOf, type Share, type Words } from '../path-attacks.ts';
import { readTheft } from '../theft.ts';
import { stealKey, takeable, times, type Attempt } from '../thief.ts';
import { planWith } from './defences.ts';
import type { Scene } from './drill.ts';
import { spend } from './key.ts';
import { lookalikes } from './purses.ts';

const xem = 1_000_000n;
const feeCap = 5n * xem;
const [minute, hour] = [60_000, 3_600_000];
/** Below this he does not ask again. */
const worthwhile = 1_000n * xem;

/** Asks for one payment with the exchange's own key, and sees it through himself. Null where he was refused. */
async function ask(
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

const all = ({ house }: Scene) => house.deed.signers.map(({ id }) => stealKey(house, id));

/** As much as he gets to accounts of his own: what is refused is asked for again by halves. */
async function asMuchAs(
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
async function wordsFor({ house, has, now }: Scene): Promise<Words> {
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
      const fact = {
        network: 'devnet',
        purpose: 'payment',
        at: now(),
        tip: { height: must(await node.height()), hash: '00'.repeat(32) },
        wallet: 'hot-xem',
        balance: { asset: XEM, units: balance },
        control: { threshold: 2, keys },
        nonces: [nonce],
        dead: [],
      } as const;
      const said = {
        ...fact,
        nonces: [...fact.nonces],
        dead: [...fact.dead],
        control: { ...fact.control, keys },
      };
      return [{ fact: said, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', said) }];
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
      const share = chainKey === one ? plan : (cosignatureOf(wallet, plan, chainKey, 'testnet') ?? '');
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
    const client = clientOf({ house, now, pass: () => Promise.resolve() });
    const body = {
      customer: 'customer-1',
      asset: XEM,
      amount: (500n * xem).toString(),
      destination: { address: to as string, memo: '' },
      feeCap: feeCap.toString(),
    };
    const asked = done(await client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() }));
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
