/**
 * The same theft on Ethereum: both online owners' keys of the hot Safe take part of its coins, and what is left goes home. Beside it
 * a bare loop asks the node as often as a watchtower does, and judges nothing.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relayerOf } from '@kuramori/chains/ethereum/codec';
import { call } from '@kuramori/chains/http';
import { ETH, parseAmount, watchtowerRoutes, type EthereumWallet } from '@kuramori/core';
import { executionBy, nextNumber, sendAsThief, stealOwners } from '../drill/ethereum/thief.ts';
import { sendAs, type Ethereum, type EthereumDeed } from '../ethereum/node.ts';
import { ethereumPolicy } from '../ethereum/wallets.ts';
import { pause, until } from '../house/chain.ts';
import { servingSigners } from '../house/deed.ts';
import { openHouse, type House, type Restartable } from '../house/house.ts';
import { servingHouse, towerNames } from '../house/plan.ts';
import { whereOf } from '../house/rooms.ts';
import { alone, percentile, type Figure } from './figures.ts';
import { keep, stop, timed, type Trial, type TrialOptions } from './theft-trials.ts';

/** What a house's watchtower waits between two looks. Milliseconds. */
const lookMs = 200;
const ether = (text: string) => parseAmount(text, ETH);

/** A trial, and when a loop that looks and does nothing else had seen the same. */
export interface EthereumTrial extends Trial {
  readonly bare: number;
}

export async function theftsOnEthereum({
  trials,
  towers,
  say,
}: TrialOptions): Promise<readonly EthereumTrial[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    execFileSync('chmod', ['711', folder]);
    await using house = await openHouse(
      {
        ...servingHouse(join(folder, 'house')),
        ethereum: true,
        towers,
        custody: false,
        ephemeral: true,
      },
      { step: say },
    );
    const {
      ethereum,
      deed: { ethereum: deed },
    } = house;
    if (!ethereum || !deed) throw new Error('the house has wallets on Ethereum');
    const parts: readonly Restartable[] = [
      ...towerNames(towers),
      ...servingSigners(house.deed).map(({ id }) => id as Restartable),
    ];
    const hot = ethereumPolicy(deed).wallets.find(({ role }) => role === 'hot') as EthereumWallet;
    const thief = { house, call: ethereum, deed, hot };
    const owners = stealOwners(thief);
    const purse = relayerOf(randomBytes(32));
    const done: EthereumTrial[] = [];
    await stop(house, parts);
    keep(house, parts, 'before');
    for (let trial = 1; trial <= trials; trial += 1) {
      // The Safe's coins of now, and nothing that waits; what was taken before stands in blocks, and is looked at after them.
      await quiet(ethereum);
      await sendAs(ethereum, deed.hot, '0x', ether('2'));
      deed.watchFrom = await heightOf(ethereum);
      await Promise.all(parts.map((name) => house.restart(name)));
      await seen(house, deed);
      const nonce = await nextNumber(thief);
      const data = executionBy(owners, thief, { asset: ETH, to: purse, units: ether('1'), nonce });
      const filter = await ethereum('eth_newPendingTransactionFilter');
      const bare = bareSight(ethereum, filter);
      const hash = await sendAsThief(thief, deed.hot, data);
      const began = Date.now();
      const trialled = await timed(house, began);
      done.push({ ...trialled, bare: Math.max(0, (await bare(hash)) - began) });
      await stop(house, parts);
      keep(house, parts, 'after');
      const last = done.at(-1);
      if (trial % 10 === 0 || trial === trials)
        say(
          `Ethereum: ${trial} of ${trials}: alarm ${last?.alarm} ms (a bare look ${last?.bare} ms), all refuse ${last?.refusing} ms, sent ${last?.sent} ms`,
        );
    }
    return done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The alarm's median beside that of the bare look: what the judging costs. */
export function besideBareLooks(trials: readonly EthereumTrial[]): Figure {
  const alarm = percentile(
    trials.map((one) => one.alarm),
    0.5,
  );
  const bare = percentile(
    trials.map((one) => one.bare),
    0.5,
  );
  const ratio = Number((alarm / Math.max(1, bare)).toPrecision(3));
  return {
    ...alone('ethereum: accepted by the node to alarm, p50', alarm, 'ms'),
    baseline: 'a loop that asks as often, and judges nothing',
    baselineValue: bare,
    ratio,
    goal: 3,
    met: ratio <= 3,
  };
}

/** Begins to look at once, in its own time; gives when it saw a transaction (wall clock, ms). */
function bareSight(ethereum: Ethereum, filter: unknown): (hash: string) => Promise<number> {
  const at = new Map<string, number>();
  let ended = false;
  const looking = (async () => {
    // Its first look is as far from the theft as chance has it.
    await pause(Math.random() * lookMs);
    while (!ended) {
      const hashes = (await ethereum('eth_getFilterChanges', filter)) as readonly string[];
      for (const hash of hashes) if (!at.has(hash)) at.set(hash, Date.now());
      await pause(lookMs);
    }
  })();
  return async (hash) => {
    const found = await until('the bare loop to see it', () => Promise.resolve(at.get(hash)));
    ended = true;
    await looking;
    return found;
  };
}

const heightOf = async (ethereum: Ethereum) => Number(await ethereum('eth_blockNumber'));

/** Until nothing waits in the pool: what went home in the trial before may still be on its way. */
async function quiet(ethereum: Ethereum): Promise<void> {
  await until('nothing to wait', async () => {
    const { pending, queued } = (await ethereum('txpool_status')) as Record<string, string>;
    return Number(pending) + Number(queued) === 0 ? true : undefined;
  });
}

/** Every watchtower has seen the newest block at both nodes. */
async function seen({ plan, deed: { watchtowerKeys } }: House, { watchFrom }: EthereumDeed): Promise<void> {
  for (const name of towerNames(watchtowerKeys.length))
    await until(`${name} to see it`, async () => {
      const status = await call(whereOf(plan, name), watchtowerRoutes.status, {});
      const chain =
        status.kind === 'status' && status.open
          ? status.chains.find((one) => one.chain === 'ethereum')
          : undefined;
      return chain?.blind === null && chain.nodes.every((one) => one.height >= watchFrom) ? true : undefined;
    });
  // A look or two more: theft and funding must not fall into one.
  await pause(500);
}
