/** The same theft on Litecoin: both online keys of its hot wallet take one coin of two; the other goes home. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bitcoin,
  combine,
  planSweep,
  readTransaction,
  scriptOf,
  type Coin,
} from '@kuramori/chains/bitcoin/codec';
import { call } from '@kuramori/chains/http';
import { watchtowerRoutes, type BitcoinWallet } from '@kuramori/core';
import { readSecretBytes } from '@kuramori/program';
import { chainSecretOf } from '@kuramori/signers';
import { pause, until } from '../house/chain.ts';
import { servingSigners } from '../house/deed.ts';
import { openHouse, type House, type Restartable } from '../house/house.ts';
import { servingHouse, towerNames } from '../house/plan.ts';
import { whereOf } from '../house/rooms.ts';
import { hasLitecoind, litecoinAt, type LitecoinDeed } from '../litecoin/nodes.ts';
import { litecoinPolicy } from '../litecoin/wallets.ts';
import { keep, stop, timed, type Trial, type TrialOptions } from './theft-trials.ts';

/** Nothing where this machine has no litecoind. */
export async function theftsOnLitecoin({ trials, towers, say }: TrialOptions): Promise<readonly Trial[]> {
  if (!hasLitecoind()) {
    say('no litecoind here: no trials on Litecoin');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    execFileSync('chmod', ['711', folder]);
    await using house = await openHouse(
      {
        ...servingHouse(join(folder, 'house')),
        litecoin: true,
        towers,
        custody: false,
        ephemeral: true,
      },
      { step: say },
    );
    const { litecoin: deed } = house.deed;
    if (!deed) throw new Error('the house has wallets on Litecoin');
    const parts: readonly Restartable[] = [
      ...towerNames(towers),
      ...servingSigners(house.deed).map(({ id }) => id as Restartable),
    ];
    const done: Trial[] = [];
    await stop(house, parts);
    keep(house, parts, 'before');
    for (let trial = 1; trial <= trials; trial += 1) {
      const height = await quiet(house, deed);
      // What was taken in the trials before stands in blocks: it is looked at after them.
      deed.watchFrom = height;
      await Promise.all(parts.map((name) => house.restart(name)));
      const coins = await funded(house, deed, height);
      const purse = String(await house.litecoin?.('getnewaddress'));
      const hex = stolen(house, deed, coins.slice(0, 1), purse);
      await litecoinAt(house.plan, deed, trial % 2 === 0 ? 2 : 1)('sendrawtransaction', hex);
      done.push(await timed(house, Date.now()));
      await stop(house, parts);
      keep(house, parts, 'after');
      const last = done.at(-1);
      if (trial % 10 === 0 || trial === trials)
        say(
          `Litecoin: ${trial} of ${trials}: alarm ${last?.alarm} ms, all refuse ${last?.refusing} ms, sent ${last?.sent} ms`,
        );
    }
    return done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until nothing waits at either node, and both have one chain; gives its height. A block comes every two seconds. */
async function quiet({ plan }: House, deed: LitecoinDeed): Promise<number> {
  const nodes = ([1, 2] as const).map((which) => litecoinAt(plan, deed, which));
  return until('both nodes to be quiet', async () => {
    const pools = await Promise.all(nodes.map((node) => node('getrawmempool')));
    if (pools.some((pool) => (pool as readonly string[]).length > 0)) return undefined;
    const tips = await Promise.all(nodes.map((node) => node('getbestblockhash')));
    return tips[0] === tips[1] ? Number(await nodes[0]?.('getblockcount')) : undefined;
  });
}

/** Two coins of 40, in a block that every watchtower has seen at both nodes. */
async function funded({ plan, deed: { watchtowerKeys } }: House, deed: LitecoinDeed, from: number) {
  const node = litecoinAt(plan, deed, 1);
  const ids = [await pay(), await pay()];
  async function pay(): Promise<string> {
    return String(await node('sendtoaddress', deed.hot.address, '40'));
  }
  const { hex, height } = await until('the coins to be in a block', async () => {
    const all = (await Promise.all(ids.map((id) => node('gettransaction', id)))) as readonly {
      readonly hex: string;
      readonly blockheight?: number;
    }[];
    const heights = all.flatMap(({ blockheight }) => blockheight ?? []);
    return heights.length === all.length
      ? { hex: all.map((one) => one.hex), height: Math.max(...heights) }
      : undefined;
  });
  if (height <= from) throw new Error('the coins came before they are looked at');
  for (const name of towerNames(watchtowerKeys.length))
    await until(`${name} to see them`, async () => {
      const status = await call(whereOf(plan, name), watchtowerRoutes.status, {});
      const seen =
        status.kind === 'status' && status.open
          ? status.chains.find(({ chain }) => chain === 'litecoin')
          : undefined;
      return seen?.blind === null && seen.nodes.every((one) => one.height >= height) ? true : undefined;
    });
  // A look or two more: theft and funding must not fall into one.
  await pause(500);
  const script = scriptOf(deed.hot.address, 'litecoin', 'devnet');
  if (script.kind === 'refused') throw new Error(script.why);
  return hex.flatMap((text, index): readonly Coin[] =>
    (readTransaction(text)?.outputs ?? []).flatMap((output, vout) =>
      output.script.toHex() === script.script.toHex()
        ? [{ txid: ids[index] ?? '', vout, units: output.units, branch: 0, index: 0 }]
        : [],
    ),
  );
}

/** What somebody with the keystores and passphrases of both makes of a coin. */
function stolen({ plan }: House, deed: LitecoinDeed, coins: readonly Coin[], to: string): string {
  const wallet = litecoinPolicy(deed).wallets.find(({ id }) => id === 'hot-ltc') as BitcoinWallet;
  const means = { wallet, network: 'devnet', feeRate: 20_000n, lockTime: 0, seed: 'thief' } as const;
  const swept = planSweep({ ...means, coins, to });
  if (swept.kind === 'refused') throw new Error(swept.why);
  const { plan: bytes, shares } = swept.planned;
  const signatures = new Map(
    deed.signers.map(({ id }) => {
      const own = join(plan.folder, id);
      const secret = chainSecretOf(join(own, 'keystore.json'), readSecretBytes(join(own, 'passphrase')));
      const key = bitcoin.keyOf(secret, 'litecoin', 'devnet');
      const share = shares.find((one) => one.key === key.publicKey)?.share ?? '';
      return [key.publicKey, key.sign(bytes, share)] as const;
    }),
  );
  const combined = combine(wallet, bytes, signatures);
  if (combined.kind === 'refused') throw new Error(combined.why);
  return combined.transaction;
}
