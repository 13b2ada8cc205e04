/**
 * Numbers: which of the Safe's a payment takes. A Safe executes one after the other, so a payment is planned with the next one only
 * once the relayer has the one before: none is ever left out, and nothing waits behind what is not yet signed. What can never be
 * executed (its recipient takes nothing, or too few sign it for minutes) has its number taken over: whichever is executed, the
 * other never can be.
 */
import { bareOf, type Address } from '@kuramori/chains/ethereum/codec';
import type { EthereumWallet } from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { State } from '../../withdrawals/states.ts';
import { codes, triesBeforeHollow } from './announce.ts';

export type Numbered =
  | {
      readonly kind: 'number';
      readonly number: bigint;
      /** What a plan takes with it, so that no two are made at one moment. */
      readonly claim: string;
      /** Claims of those whose number it takes over: of all of them the Safe executes one. */
      readonly instead: readonly string[];
    }
  | { readonly kind: 'busy'; readonly why: string };

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Claim = z.object({
  claim: z.string(),
  withdrawal: z.string(),
  state: State,
  expiry: integer,
  /** When it was planned. */
  at: integer,
  /** What the relayers said last; none where none was asked. */
  said: z.array(z.object({ code: integer.nullable(), tries: integer })),
});
type Claim = z.infer<typeof Claim>;

/** A recipient may take tomorrow what it does not take now; but others wait behind it. */
const triesBeforeStuck = 3;
/** Not with a relayer so long after it was planned: a co-signer died with it, or its asset alone is stopped. Milliseconds. */
const patienceMs = 180_000;

/** `next`: as the nodes have it. */
export async function nextNumber(
  client: Client,
  wallet: EthereumWallet,
  next: bigint,
  now: number,
): Promise<Numbered> {
  const { used } = await row(
    client,
    z.object({ used: z.coerce.bigint() }),
    'select coalesce(max(number) + 1, 0)::text as used from custody.executed where wallet = $1',
    [wallet.id],
  );
  const first = next > used ? next : used;
  const claims = await claimsFrom(client, wallet, first);
  const taken = Map.groupBy(claims, ({ claim }) => numberIn(claim));
  const free = (number: bigint): Numbered => {
    const instead = (taken.get(number) ?? []).map(({ claim }) => claim);
    const before = instead.map((claim) => Number(claim.split(':')[2]));
    return { kind: 'number', number, claim: claimText(wallet, number, Math.max(-1, ...before) + 1), instead };
  };
  let number = first;
  for (let all = taken.get(number); all !== undefined; all = taken.get(number)) {
    const working = all.find((claim) => !isStuck(claim, now));
    if (!working) return free(number);
    if (working.state !== 'sent' && working.state !== 'confirmed')
      return {
        kind: 'busy',
        why: `number ${number} of the Safe, with which ${working.withdrawal} is being signed`,
      };
    number += 1n;
  }
  return free(number);
}

function isStuck({ said, expiry, state, at }: Claim, now: number): boolean {
  // Who is silent, cannot, or says for ever that it is under way while nobody sees it, does not speak for it.
  const heard = said.filter(
    ({ code, tries }) =>
      code !== null && code !== codes.unable && !(code === codes.taken && tries > triesBeforeHollow),
  );
  const tries = heard.reduce((sum, one) => sum + one.tries, 0);
  if (tries >= triesBeforeStuck && heard.every(({ code }) => code === codes['would-fail'])) return true;
  if (state === 'sent' || state === 'confirmed') return false;
  return now > expiry * 1_000 || (said.length === 0 && now > at + patienceMs);
}

function claimsFrom(client: Client, wallet: EthereumWallet, first: bigint): Promise<readonly Claim[]> {
  return rows(
    client,
    Claim,
    `select r.outpoint as claim, w.id as withdrawal, w.state, w.expiry, p.at,
       (select coalesce(json_agg(json_build_object('code', a.code, 'tries', a.tries)), '[]')
          from custody.announcement a where a.withdrawal = p.withdrawal and a.plan = p.number) as said
       from custody.reservation r join custody.plan p on p.digest = r.digest join custody.withdrawal w on w.id = p.withdrawal
       where r.chain = 'ethereum' and r.outpoint collate "C" >= $1 and r.outpoint collate "C" < $2
       order by r.outpoint`,
    [claimText(wallet, first, 0), `${safeText(wallet)};`],
  );
}

/** `<safe>:<number, 20 digits>:<how many took it before>`: their order as texts is that of the numbers. */
function claimText(wallet: EthereumWallet, number: bigint, nth: number): string {
  return `${safeText(wallet)}:${number.toString().padStart(20, '0')}:${nth}`;
}

function safeText({ address }: EthereumWallet): string {
  return bareOf(address as Address);
}

function numberIn(claim: string): bigint {
  return BigInt(claim.split(':')[1] ?? '');
}
