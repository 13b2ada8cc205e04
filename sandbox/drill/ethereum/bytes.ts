/**
 * PATH: WazirX and Bybit. The thief is where custody is; the request that he shows is the exchange's own, and the bytes that he wants
 * signed hand the Safe over: to another singleton, another owner, a module, or whoever has an approval.
 */
import { ETH, parseAmount, withdrawalIntent, withdrawalPath, type Ask } from '@kuramori/core';
import {
  checksummed,
  combine,
  encodePlan,
  planPayment,
  readPlan,
  selectorOf,
  sentinel,
  shareOf,
  tokenOf,
  word,
  type Address,
  type Bound,
} from '@kuramori/chains/ethereum/codec';
import { compiled } from '../../ethereum/compiled.ts';
import { outsider, sendAs } from '../../ethereum/node.ts';
import { exchangeRequest } from '../../exchange.ts';
import { whereOf } from '../../house/rooms.ts';
import { asked, type Answered, type Share } from '../path-attacks.ts';
import { stealSecret } from '../steal.ts';
import type { EthereumScene } from '../thefts/drill.ts';
import { everyonesWords } from '../words.ts';
import { executionBlindly, inBlock, nextNumber, sendAsThief } from './thief.ts';

const zero = '0x0000000000000000000000000000000000000000' as Address;
const withdrawn = parseAmount('0.25', ETH);

export async function otherBytesThanShown(scene: EthereumScene): Promise<void> {
  const { deed, note, purse } = scene;
  const thief = purse();
  const upgrade = await plant(scene, 'LooksLikeAToken');
  const backdoor = await plant(scene, 'Backdoor');
  const shown = await payment(scene);
  const other = (change: Change): Bound => ({
    ...shown.bound,
    tx: { ...shown.bound.tx, value: 0n, ...change },
  });
  for (const [name, change] of variants(scene, { upgrade, backdoor, thief })) {
    const bound = other(change);
    note(`${name}: ${await wants(scene, shown, encodePlan(bound), bound)}`);
  }
  const hidden = other(delegatecall(upgrade, 'transfer(address,uint256)', word(backdoor), word(0n)));
  note(`its own bytes, a delegatecall’s share: ${await wants(scene, shown, shown.plan, hidden)}`);
  // What Bybit's thief did next, which takes nobody's signature.
  await sendAsThief(scene, deed.hot, `0x${selectorOf('sweepETH(address)')}${word(thief)}`);
  note(`the payment that was shown: ${await pays(scene, shown)}`);
}

/** A contract that the thief has made days before. */
async function plant({ call: node }: EthereumScene, name: string): Promise<Address> {
  const { contract } = await sendAs(node, null, `0x${compiled('testing', name)}`);
  return checksummed((contract ?? '').slice(2).toLowerCase());
}

interface Shown {
  readonly bound: Bound;
  readonly plan: string;
  readonly ask: (share: Share) => Ask;
}

/** A customer's withdrawal, as the exchange signed it and custody would plan it. */
async function payment({ house, hot, deed, call: node }: EthereumScene): Promise<Shown> {
  const recipient = checksummed((await outsider(node)).slice(2));
  const body = {
    customer: 'customer-1',
    asset: ETH,
    amount: withdrawn,
    destination: { address: recipient as string, memo: '' },
    feeCap: 0n,
  };
  const request = exchangeRequest(house.people.exchange, withdrawalPath, body, Date.now());
  const read = withdrawalIntent('exchange-1', hot.id, request);
  if (read.kind === 'refused') throw new Error(`drill: ${read.field} ${read.why}`);
  const made = planPayment({
    wallet: hot,
    network: 'devnet',
    nonce: await nextNumber({ call: node, deed }),
    keys: deed.signers.map(({ chainKey }) => chainKey),
    asset: ETH,
    recipient,
    units: withdrawn,
  });
  if (made.kind === 'refused') throw new Error(`drill: ${made.field} ${made.why}`);
  const { plan } = made.planned;
  const planned = readPlan(plan);
  if (planned.kind === 'refused') throw new Error(`drill: ${planned.why}`);
  return {
    bound: planned.bound,
    plan,
    ask: (share) => ({
      kind: 'payment',
      wallet: hot.id,
      intents: [{ intent: read.intent, authority: { kind: 'exchange-request', request }, approvals: [] }],
      ...share,
    }),
  };
}

type Change = Pick<Bound['tx'], 'to' | 'data' | 'operation'>;

const calls = (to: Address, signature: string, ...words: readonly string[]): Change => {
  return { to, data: selectorOf(signature) + words.join(''), operation: 0 };
};
const delegatecall = (to: Address, signature: string, ...words: readonly string[]): Change => {
  return { ...calls(to, signature, ...words), operation: 1 };
};

function variants(
  { deed, assets }: EthereumScene,
  { upgrade, backdoor, thief }: Readonly<Record<'upgrade' | 'backdoor' | 'thief', Address>>,
): readonly (readonly [name: string, change: Change])[] {
  const safe = deed.hot as Address;
  const token = assets.map(tokenOf).find((one) => one !== undefined) ?? safe;
  const most = word(2n ** 256n - 1n);
  const [first = safe] = deed.signers.map(({ chainKey }) => chainKey as Address);
  const enabled = calls(safe, 'enableModule(address)', word(backdoor));
  return [
    ['slot 0 by delegatecall', delegatecall(upgrade, 'transfer(address,uint256)', word(backdoor), word(0n))],
    ['changeMasterCopy', calls(safe, 'changeMasterCopy(address)', word(backdoor))],
    ['setGuard(0)', calls(safe, 'setGuard(address)', word(zero))],
    ['enableModule', enabled],
    ['addOwnerWithThreshold', calls(safe, 'addOwnerWithThreshold(address,uint256)', word(thief), word(1n))],
    // The first of the owners, behind whom the list begins (OwnerManager.SENTINEL_OWNERS).
    [
      'swapOwner for the thief',
      calls(safe, 'swapOwner(address,address,address)', word(sentinel), word(first), word(thief)),
    ],
    ['setFallbackHandler', calls(safe, 'setFallbackHandler(address)', word(backdoor))],
    ['approve(max)', calls(token, 'approve(address,uint256)', word(thief), most)],
    ['multiSend around enableModule', delegatecall(upgrade, 'multiSend(bytes)', ...wrapped(enabled))],
  ];
}

/** MultiSend's one argument: operation, to, value, length and data of each call, packed. */
function wrapped({ to, data }: Change): readonly string[] {
  const length = data.length / 2;
  const packed = `00${to.slice(2).toLowerCase()}${word(0n)}${word(BigInt(length))}${data}`;
  return [word(32n), word(BigInt(packed.length / 2)), packed.padEnd(Math.ceil(packed.length / 64) * 64, '0')];
}

/** What comes of it where a thief asks both for their shares of `bound`, beside this plan; signed, it is sent. */
async function wants(scene: EthereumScene, { ask }: Shown, plan: string, bound: Bound): Promise<string> {
  const { deed, house, hot, has, accepted } = scene;
  if (!has('judging')) {
    const owners = deed.signers.map(({ id, chainKey }) => {
      return { publicKey: chainKey, secret: stealSecret(house, id) };
    });
    const hash = await sendAsThief(scene, hot.address, executionBlindly(bound, owners));
    accepted(hash);
    return (await inBlock(scene, hash)) ? 'PASSED' : 'signed by both, refused by the Safe';
  }
  const answers = await everySigner(scene, ask, plan, bound);
  const signatures = new Map(
    answers.flatMap(([key, answer]) => (answer.kind === 'signed' ? [[key, answer.signature]] : [])),
  );
  const refusals = [
    ...new Set(answers.flatMap(([, answer]) => (answer.kind === 'refused' ? answer.why : []))),
  ];
  if (signatures.size === 0) return refusals.join(' / ');
  const combined = combine(hot, plan, signatures);
  if (combined.kind === 'combined') accepted(await sendAsThief(scene, hot.address, `0x${combined.calldata}`));
  return `${signatures.size} SIGNED`;
}

async function everySigner(
  { house, deed }: EthereumScene,
  ask: Shown['ask'],
  plan: string,
  bound: Bound,
): Promise<readonly (readonly [key: string, answer: Answered])[]> {
  const words = everyonesWords(house, 'hot-eth');
  const all: (readonly [string, Answered])[] = [];
  for (const { id, chainKey } of deed.signers) {
    const share = shareOf(bound, chainKey as Address);
    all.push([chainKey, await asked(whereOf(house.plan, id), ask, { plan, share }, words)]);
  }
  return all;
}

/** The same request with its own bytes: without that, refusals would say nothing. */
async function pays(scene: EthereumScene, { ask, plan, bound }: Shown): Promise<string> {
  const { hot } = scene;
  const answers = await everySigner(scene, ask, plan, bound);
  const signatures = new Map(
    answers.flatMap(([key, answer]) => (answer.kind === 'signed' ? [[key, answer.signature]] : [])),
  );
  const combined = combine(hot, plan, signatures);
  if (combined.kind === 'refused')
    return answers.map(([, answer]) => (answer.kind === 'refused' ? answer.why : answer.kind)).join(' / ');
  const hash = await sendAsThief(scene, hot.address, `0x${combined.calldata}`);
  return (await inBlock(scene, hash)) ? 'signed by both, and paid' : 'signed by both, and failed';
}
