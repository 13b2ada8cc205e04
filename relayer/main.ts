/**
 * The relayer: custody and watchtowers ask where it listens; it asks its nodes, and sends what the owners have signed. It holds one key, of an
 * account that pays for gas and owns nothing else; whoever steals that steals the gas.
 */
import '@kuramori/program/closed';
import { readPolicy, relayerRoutes, type EthereumWallet, type Policy } from '@kuramori/core';
import { relayerOf } from '@kuramori/chains/ethereum/codec';
import { ethereumNode, openOurs } from '@kuramori/chains/ethereum/node';
import {
  Misconfigured,
  openClock,
  openHosts,
  readConfig,
  readJson,
  readSeed,
  run,
  serveRoutes,
  type Hosts,
} from '@kuramori/program';
import { RelayerConfig } from './config.ts';
import { openJournal } from './journal.ts';
import { openPanel } from './panel.ts';
import { openRelayer } from './relayer.ts';

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node relayer/main.ts <config.json> [--with-parent]\n');
  process.exit(2);
}

await run(
  'relayer',
  () => {
    const config = readConfig(path, RelayerConfig);
    return start(path, config, openHosts(path, config.identity));
  },
  { withParent: process.argv.includes('--with-parent') },
);

async function start(file: string, config: RelayerConfig, hosts: Hosts) {
  const { network, leastTip } = config;
  const caps = { ...config.caps, sweepsPerDay: config.caps.sweepsPerDay ?? config.caps.perDay / 4n };
  const wallets = walletsOf(file, config);
  const clock = openClock(config.clock, network, file);
  const secret = readSeed(config.keyFile);
  const ours = openOurs(wallets, network);
  const panel = openPanel(config.nodes.map((url) => ethereumNode({ url }, ours)));
  // Who listens first is the only one: two processes over one journal would give one number twice.
  let relayer: ReturnType<typeof openRelayer> | null = null;
  const opened = () => relayer ?? fault();
  const server = await serveRoutes(hosts.listening(config.listen), relayerRoutes, {
    relay: (asked) => opened().relay(asked),
    sweep: (asked) => opened().sweep(asked),
    fate: (asked) => opened().fate(asked),
    status: () => opened().status(),
  });
  const journal = openJournal(config.journal);
  const account = relayerOf(secret);
  relayer = openRelayer(
    { network, wallets, secret, account, journal, panel, caps, clock },
    leastTip,
    config.stuckSeconds * 1_000,
  );
  let stopped = false;
  const life = (async () => {
    while (!stopped) {
      await opened().round();
      await new Promise((resolve) => setTimeout(resolve, config.pollMs).unref());
    }
  })();
  return {
    ready: { account, at: server.at },
    stop: async () => {
      stopped = true;
      await server.close();
      await Promise.race([life, new Promise((resolve) => setTimeout(resolve, 2_000))]);
      secret.fill(0);
      journal[Symbol.dispose]();
    },
  };
}

function fault(): never {
  throw new Error('asked before the journal was read');
}

/** The Safes of the policy that the keepers signed. */
function walletsOf(file: string, config: RelayerConfig): readonly [EthereumWallet, ...EthereumWallet[]] {
  const read = readPolicy(readJson(config.policy), config.keepers);
  if (read.kind === 'refused') throw new Misconfigured(`${config.policy}: ${read.field}: ${read.why}`);
  const { policy }: { readonly policy: Policy } = read;
  if (policy.network !== config.network)
    throw new Misconfigured(`${file}: network: ${config.network}, and the policy is of ${policy.network}`);
  const [first, ...more] = policy.wallets.filter((wallet) => wallet.chain === 'ethereum');
  if (!first) throw new Misconfigured(`${config.policy}: wallets: none of them is on Ethereum`);
  return [first, ...more];
}
