/**
 * `kuramori bench watchtower`: a stolen key proposes to take everything, again and again, against a house of real processes
 * that is set back to before the theft each time. From the node's answer to the thief: until the alarm is written, until
 * every co-signer has frozen, until what is left was sent home. On NEM, on Ethereum, and where there is a litecoind on Litecoin;
 * and a day of full NEM blocks, caught up by a real watchtower.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestJson } from '@kuramori/chains/http';
import { driveClock } from '../drill/clock.ts';
import { spend } from '../drill/thefts/key.ts';
import { stealKey } from '../drill/thief.ts';
import { must, pause, until } from '../house/chain.ts';
import { openHouse, type House, type Restartable } from '../house/house.ts';
import { servingHouse, towerNames } from '../house/plan.ts';
import { alone, machine, type Bench, type ChainFigures } from './figures.ts';
import { caughtUpIn, dayLines } from './full-day.ts';
import { chainOf, figuresOf, keep, stop, timed, type Trial, type TrialOptions } from './theft-trials.ts';
import { besideBareLooks, theftsOnEthereum } from './watchtower-ethereum.ts';
import { theftsOnLitecoin } from './watchtower-litecoin.ts';

export interface WatchtowerBenchOptions extends TrialOptions {
  /** The only chain; null: all of them. */
  readonly chain: BenchedChain | null;
}

export const benchedChains = ['nem', 'litecoin', 'ethereum'] as const;
export type BenchedChain = (typeof benchedChains)[number];

type Part = Pick<Bench, 'figures'> & { readonly chains: readonly ChainFigures[] };

const xem = 1_000_000n;
/** Blocks come only when the clock is driven to them, so nothing that a trial announces confirms. Seconds. */
const blockSeconds = 1_500;
/** Well before the next block, and before a watchtower calls the newest one old. Milliseconds. */
const blockLife = 900_000;

/** Chain after chain, each in a house of its own: never two at once. */
export async function benchWatchtower({ chain, ...options }: WatchtowerBenchOptions): Promise<Bench> {
  const parts: Part[] = [];
  for (const one of benchedChains)
    if (chain === null || chain === one) parts.push(await benches[one](options));
  return {
    bench: 'watchtower',
    machine: machine(),
    chains: parts.flatMap(({ chains }) => chains),
    figures: parts.flatMap(({ figures }) => figures),
  };
}

const benches: Readonly<Record<BenchedChain, (options: TrialOptions) => Promise<Part>>> = {
  nem: benchNem,
  async litecoin(options) {
    const done = await theftsOnLitecoin(options);
    if (done.length === 0) return { chains: [], figures: [] };
    return {
      chains: [chainOf('litecoin', done)],
      figures: figuresOf('litecoin', done, { alarm: 1_000, refusing: 1_500, sent: 3_000 }),
    };
  },
  async ethereum(options) {
    const done = await theftsOnEthereum(options);
    return {
      chains: [chainOf('ethereum', done)],
      figures: [
        ...figuresOf('ethereum', done, { alarm: 1_000, refusing: 1_500, sent: 3_000 }),
        besideBareLooks(done),
      ],
    };
  },
};

async function benchNem({ trials, towers, say }: TrialOptions): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    execFileSync('chmod', ['711', folder]);
    const begins = Date.now() - 10_000;
    const clock = driveClock(join(folder, 'clock.json'), begins);
    await using house = await openHouse(
      {
        ...servingHouse(join(folder, 'house')),
        hot: 1_000_000n * xem,
        cold: xem,
        towers,
        custody: false,
        clockFile: clock.file,
        chainBegins: begins,
        blockSeconds,
        ephemeral: true,
        lineTo: (reader, url) => (reader === 'watchtower' ? (dayLines.get(url) ?? url) : url),
      },
      { step: say, hurry: async () => clock.jumpTo(clock.now() + blockSeconds * 1000) },
    );
    const parts: readonly Restartable[] = [
      ...towerNames(towers),
      ...house.deed.signers.map(({ id }) => id as `signer-${number}`),
    ];
    const stolen = stealKey(house, 'signer-1');
    const done: Trial[] = [];
    let block = clock.now();
    await stop(house, parts);
    for (let trial = 1; trial <= trials; trial += 1) {
      await forget(house);
      if (clock.now() - block > blockLife) {
        clock.jumpTo(clock.now() + blockSeconds * 1000);
        await sameHeight(house);
        block = clock.now();
      }
      keep(house, parts, 'before');
      await Promise.all(parts.map((name) => house.restart(name)));
      const attempt = await spend(
        { house, now: clock.now },
        [stolen],
        house.people.customer.address,
        500_000n * xem,
        trial % 2 === 0 ? 0 : 1,
      );
      if (attempt?.code !== 1)
        throw new Error(`the node did not take the thief's proposal: ${attempt?.code}`);
      done.push(await timed(house, attempt.at));
      await stop(house, parts);
      keep(house, parts, 'after');
      const last = done.at(-1);
      if (trial % 10 === 0 || trial === trials)
        say(
          `${trial} of ${trials}: alarm ${last?.alarm} ms, all refuse ${last?.refusing} ms, sent ${last?.sent} ms`,
        );
    }
    const caughtUp = await caughtUpIn(house, clock, say);
    return {
      chains: [chainOf('nem', done)],
      figures: [
        ...figuresOf('nem', done, { alarm: 500, refusing: 1_000, sent: 2_000 }),
        {
          ...alone('a day of full blocks, 172,800 transactions, caught up', caughtUp, 's'),
          goal: 60,
          met: caughtUp < 60,
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Both nodes forget what waits, and what gossip brings back of it. */
async function forget({ nodes, deed }: House): Promise<void> {
  await until('both nodes to have nothing pending', async () => {
    for (const { url } of nodes) await requestJson({ url }, 'POST', '/devnet/control/drop-pending', {});
    await pause(250);
    const left = await Promise.all(nodes.map((node) => node.unconfirmed(deed.hot.address)));
    return left.every((one) => must(one).seen.length === 0) ? true : undefined;
  });
}

const sameHeight = ({ nodes }: House) =>
  until('both nodes to have the next block', async () => {
    const before = await Promise.all(nodes.map((node) => node.height()));
    await pause(300);
    const after = await Promise.all(nodes.map((node) => node.height()));
    const all = [...before, ...after].map(must);
    return new Set(all).size === 1 ? true : undefined;
  });
