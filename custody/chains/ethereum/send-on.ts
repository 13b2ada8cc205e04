/** Send on: what stands at customers' addresses goes to the Safe, as soon as it is worth the gas. Nobody but the Safe can get it. */
import { call } from '@kuramori/chains/http';
import { tokenOf } from '@kuramori/chains/ethereum/codec';
import { ETH, relayerRoutes, type Asset, type EthereumWallet } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import type { Relayer } from './announce.ts';

const Due = z.object({ address: z.string(), asset: z.string(), salt: z.string(), again: z.boolean() });
type Due = z.infer<typeof Due>;

/** In one transaction of the relayer's, whose cap on gas lets so many go (relayer/relayer.ts). */
const together = 2;
/** What was asked for and has not come within this time is asked for again. Milliseconds. */
const patienceMs = 3_600_000;
/** At most so many at one look, the richest first. */
const most = 100;

/**
 * What became worth it since it was last asked for: specks that come behind are no reason. Who asks at the same moment is told that it
 * is under way.
 */
export async function sendOn(
  client: Client,
  { id }: EthereumWallet,
  relayers: readonly Relayer[],
  least: ReadonlyMap<Asset, bigint>,
  now: number,
): Promise<void> {
  const due = await rows(
    client,
    Due,
    `select s.address, s.asset, s.salt, s.asked_units is not null as again from custody.standing s
       join unnest($2::text[], $3::numeric[]) l (asset, least) on l.asset = s.asset and s.units >= l.least
       where s.wallet = $1 and s.units > 0
         and (s.asked_units is null or s.units - s.asked_units >= l.least or s.asked_at < $4)
       order by s.units / l.least desc, s.address limit $5`,
    [id, [...least.keys()], [...least.values()].map(String), now - patienceMs, most],
  );
  for (let at = 0; at < due.length; at += together) {
    const some = due.slice(at, at + together);
    const asked = await askTogether(relayers, id, some);
    if (asked.length === 0) return;
    await client.query(
      `update custody.standing s set asked_at = $4, asked_units = s.units
         from unnest($2::text[], $3::text[]) a (address, asset)
         where s.wallet = $1 and s.address = a.address and s.asset = a.asset`,
      [id, asked.map(({ address }) => address), asked.map(({ asset }) => asset), now],
    );
  }
}

/**
 * Those that need not be asked for again soon; none where no relayer takes anything. What would fail, a token that has frozen an
 * address, say, fails whatever goes with it: the others go alone, and it waits like what was taken.
 */
async function askTogether(
  relayers: readonly Relayer[],
  wallet: string,
  some: readonly Due[],
): Promise<readonly Due[]> {
  const said = await askAny(relayers, wallet, some);
  if (said === 'taken') return some;
  if (said === 'refused') return [];
  if (some.length > 1) for (const one of some) await askAny(relayers, wallet, [one]);
  return some;
}

async function askAny(
  relayers: readonly Relayer[],
  wallet: string,
  some: readonly Due[],
): Promise<'taken' | 'would-fail' | 'refused'> {
  const deposits = some.map(({ salt, asset }) => ({
    salt,
    token: asset === ETH ? null : (tokenOf(asset) ?? null),
  }));
  let fails = false;
  // Who said that it is under way, and nothing came of it, is not the first to be asked again.
  const inTurn = some.some(({ again }) => again) ? relayers.toReversed() : relayers;
  for (const { name, at } of inTurn) {
    const answer = await call(at, relayerRoutes.sweep, { wallet, deposits });
    if (answer.kind === 'under-way') return 'taken';
    const why = answer.kind === 'unreachable' || answer.kind === 'refused' ? answer.detail : answer.kind;
    fails ||= answer.kind === 'refused' && answer.why === 'would-fail';
    log('deposits not sent on', { relayer: name, wallet, why });
  }
  return fails ? 'would-fail' : 'refused';
}
