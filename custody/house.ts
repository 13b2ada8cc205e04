/** House: everything that custody is wired to. Made once, in main.ts. */
import type { Where } from '@kuramori/chains/http';
import type { Policy } from '@kuramori/core';
import type { Writer } from '@kuramori/ledger';
import { Misconfigured, type Clock, type Hosts } from '@kuramori/program';
import type { Pool } from 'pg';
import type { CallerAddress } from './api/address.ts';
import type { Rates } from './api/rate.ts';
import type { Statements } from './books/statement.ts';
import type { Config } from './config.ts';
import type { Branch } from './branch.ts';
import type { Convoy } from './withdrawals/convoy.ts';
import type { Lines } from './withdrawals/lines.ts';
import type { Journals } from './withdrawals/journals.ts';
import type { LoginsConfig } from './logins.ts';
import type { Rules } from './rules.ts';
import type { Board } from './services/board.ts';
import type { Runbook } from './services/runbook.ts';
import type { TreasuryConfig } from './treasury/config.ts';
import type { Screen } from './withdrawals/screen.ts';
import type { Webhook } from './webhooks/webhook.ts';

export interface House {
  readonly policy: Policy;
  readonly policyDigest: string;
  readonly exchange: Policy['exchanges'][number];
  /** One for each chain: where deposits come to and withdrawals leave from. At least one. */
  readonly branches: readonly Branch[];
  /** Those of wallets whose place another has taken. */
  readonly retired: readonly Branch[];
  readonly pool: Pool;
  /** Signer id → where it listens. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly journals: Journals;
  /** The books of the matching engine, many operations at a time. */
  readonly writer: Writer;
  /** Makes the totals that watchtowers hold against the chain. */
  readonly statements: Statements;
  /** Withdrawals that are under way at the same time. */
  readonly convoy: Convoy;
  /** Questions to signers and watchtowers. */
  readonly lines: Lines;
  readonly watchtowers: readonly { readonly key: string; readonly at: Where }[];
  /** What is refused before money is touched, and how fast payments may leave. */
  readonly rules: Rules;
  readonly screen: Screen;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly callerAddress: CallerAddress;
  readonly rates: Rates;
  readonly webhooks: readonly Webhook[];
  readonly treasury: TreasuryConfig;
  /** When people work, and who may log in at the database at any hour. */
  readonly logins: LoginsConfig;
  /** In which order services are stopped and reopened, and which are stopped now. */
  readonly runbook: Runbook;
  readonly board: Board;
}

/** What the configuration names must be what the policy pins. Throws a Misconfigured that names the field. */
export function matchPolicy(
  config: Config,
  policy: Policy,
  hosts: Hosts,
): Pick<House, 'exchange' | 'signers' | 'watchtowers'> {
  if (policy.network !== config.network)
    throw wrong('network', `is ${config.network}, the policy is for ${policy.network}`);
  const exchange = policy.exchanges.find(({ id }) => id === config.exchange);
  if (!exchange) throw wrong('exchange', `the policy names no exchange ${config.exchange}`);
  const signers = new Map(
    config.signers.map(({ id, at }, index) => [id, hosts.at(at, `signers.${index}.at`)]),
  );
  for (const [index, { key }] of config.watchtowers.entries()) {
    if (!policy.watchtowers.keys.includes(key))
      throw wrong(`watchtowers.${index}.key`, 'is not pinned by the policy');
  }
  if (new Set(config.watchtowers.map(({ key }) => key)).size < policy.watchtowers.quorum) {
    throw wrong('watchtowers', `fewer than the ${policy.watchtowers.quorum} that the policy asks for`);
  }
  for (const keyId of Object.keys(config.rate.keys)) {
    if (!exchange.keys.some((key) => key.keyId === keyId))
      throw wrong(`rate.keys.${keyId}`, `${exchange.id} has no such key in the policy`);
  }
  const watchtowers = config.watchtowers.map(({ key, at }, index) => ({
    key,
    at: hosts.at(at, `watchtowers.${index}.at`),
  }));
  return { exchange, signers, watchtowers };
}

function wrong(field: string, why: string): Misconfigured {
  return new Misconfigured(`${field}: ${why}`);
}
