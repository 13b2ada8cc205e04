/** Plan: one execution of the Safe that pays an intent, with a number that nothing else will be executed with before it. */
import {
  meaningOf,
  parseAddress,
  planPayment as planOf,
  readPlan,
  safeHash,
  shareOf,
  tokenAsset,
  type Planned,
} from '@kuramori/chains/ethereum/codec';
import type { EthereumNode } from '@kuramori/chains/ethereum/node';
import { ETH, type EthereumWallet, type Intent } from '@kuramori/core';
import { row, rows } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from '../../branch.ts';
import type { Panel } from '../../chain/panel.ts';
import { everOnline } from '../../withdrawals/acting.ts';
import type { NewPlan } from '../../withdrawals/row.ts';
import type { Fees, NewPlanned } from '../chain.ts';
import { codes } from './announce.ts';
import { placedUnits } from './moved.ts';
import { nextNumber } from './numbers.ts';

export interface Planning {
  readonly wallet: EthereumWallet;
  readonly panel: Panel<EthereumNode>;
}

/** The relayer pays for gas: nothing leaves the Safe but what is paid. */
export function feesOf({ destination }: Pick<Intent, 'destination'>): Fees {
  const to = parseAddress(destination.address);
  return to.kind === 'refused'
    ? { kind: 'refused', field: 'destination.address', why: to.why }
    : { kind: 'fees', units: 0n, exact: true };
}

export async function planPayment(
  { wallet, panel }: Planning,
  branch: Branch,
  [intent]: readonly [Intent, ...Intent[]],
  keys: readonly string[],
): Promise<NewPlanned> {
  const { asset, amount } = intent;
  const failed = await failedBefore(branch, intent);
  if (failed !== null) return { kind: 'refused', why: `its recipient takes nothing: ${failed}` };
  const next = await safeNumber({ wallet, panel });
  if (typeof next === 'string') return { kind: 'wait', why: next, soon: true };
  const numbered = await nextNumber(branch.pool, wallet, next, branch.clock.now());
  if (numbered.kind === 'busy') return { kind: 'wait', why: numbered.why, soon: true };
  const { atSafe, atPlaces } = await placedUnits(branch.pool, wallet.id, asset);
  const promised = await promisedUnits(branch, intent, numbered.instead);
  if (atSafe - promised < amount)
    return {
      kind: 'wait',
      why: `coins of the wallet: ${atSafe - promised} are in the Safe and free, and ${atPlaces} stand at customers’ addresses until they are sent on`,
    };
  const result = planOf({
    wallet,
    network: branch.policy.network,
    nonce: numbered.number,
    keys,
    asset,
    recipient: intent.destination.address,
    units: amount,
  });
  if (result.kind === 'refused') return { kind: 'refused', why: `${result.field} ${result.why}` };
  return { kind: 'planned', plans: [newPlan(result.planned, numbered.claim)] };
}

/**
 * What a relayer said of an earlier plan of it, dead by now, that would have failed. Once is enough: each such payment holds a number
 * for a while, and whoever asks for many of them pays nothing.
 */
async function failedBefore({ pool }: Branch, { id }: Intent): Promise<string | null> {
  const [said] = await rows(
    pool,
    z.object({ message: z.string() }),
    'select message from custody.announcement where withdrawal = $1 and code = $2 order by plan desc limit 1',
    [id, codes['would-fail']],
  );
  return said?.message ?? null;
}

/**
 * What other payments of the asset that are planned will take, until the books have them paid: a customer's is booked when its story
 * ends, a sweep's with its block. Those with the same number take nothing beside it: the Safe executes one of them.
 */
async function promisedUnits(
  { pool, hot }: Branch,
  { id, asset }: Intent,
  claims: readonly string[],
): Promise<bigint> {
  const { units } = await row(
    pool,
    z.object({ units: z.coerce.bigint() }),
    `select coalesce(sum(w.amount), 0)::text as units from custody.withdrawal w
       where w.wallet = $1 and w.asset = $2 and w.id <> $3 and w.plan is not null
         and w.state in ('planned', 'witnessed', 'signed', 'sent', 'unknown', 'confirmed', 'disputed')
         and (w.reason <> 'sweep'
           or not exists (select from custody.outgoing o where o.withdrawal = w.id and not o.orphaned and not o.gone))
         and not exists (select from custody.plan p join custody.reservation r on r.digest = p.digest
           where p.withdrawal = w.id and p.number = w.plan and r.chain = 'ethereum' and r.outpoint = any($4))`,
    [hot.id, asset, id, claims],
  );
  return units;
}

/** The Safe's next number: no more than half of the nodes say a lower one. */
async function safeNumber({ wallet, panel }: Planning): Promise<bigint | string> {
  const heard = await panel.ask((node) => node.safe(wallet, 'latest'));
  const numbers = heard
    .flatMap(({ answer }) => (answer.kind === 'read' ? answer.value.nonce : []))
    .sort((one, other) => (one < other ? -1 : 1));
  const number = numbers[Math.ceil(numbers.length / 2) - 1];
  if (number !== undefined && numbers.length >= panel.majority) return number;
  const why = heard.flatMap(({ answer }) => (answer.kind === 'failed' ? answer.detail : []));
  return `the Safe’s next number: ${why.join('; ')}`;
}

/** Bytes that were planned before, by a custody that has forgotten it: signers that recorded them first. */
export function planAgain(
  wallet: EthereumWallet,
  [intent, ...others]: readonly [Intent, ...Intent[]],
  bytes: string,
  signers: readonly string[],
): readonly NewPlan[] | string {
  if (others.length > 0) return 'pays several intents, which no execution of this Safe does';
  const read = readPlan(bytes);
  if (read.kind === 'refused') return `the recorded bytes cannot be read: ${read.why}`;
  const meaning = meaningOf(read.bound);
  const asset = meaning.kind === 'coins' ? ETH : meaning.kind === 'token' ? tokenAsset(meaning.token) : null;
  const pays =
    (meaning.kind === 'coins' || meaning.kind === 'token') &&
    asset === intent.asset &&
    meaning.to === intent.destination.address &&
    meaning.units === intent.amount;
  if (!pays || read.bound.safe !== wallet.address) return 'the recorded bytes do not pay it';
  const online = everOnline(wallet);
  const keys = [
    ...online.filter(({ signer }) => signers.includes(signer)),
    ...online.filter(({ signer }) => !signers.includes(signer)),
  ].map(({ key }) => key);
  const shares = keys
    .slice(0, wallet.threshold)
    .map((key) => ({ key, share: shareOf(read.bound, key as never) }));
  return [newPlan({ plan: bytes, shares, fees: 0n })];
}

/** The Safe's hash is its name: whoever pays the gas, and however often it is sent. */
function newPlan(planned: Planned, claim?: string): NewPlan {
  const read = readPlan(planned.plan);
  if (read.kind === 'refused') throw new Error(`a plan of our own cannot be read: ${read.why}`);
  const id = safeHash(read.bound);
  return {
    planned: { ...planned, shares: [...planned.shares] },
    transaction: id,
    inner: id,
    validUntil: null,
    spends: claim === undefined ? [] : [claim],
  };
}
