/** A relayer on a chain of the test's own: in this process with a clock in the test's hand, or as a process that is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalText, relayerRoutes, signStatement, type Plain, type Policy } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { permissionFlags } from '@kuramori/program';
import { readTransaction, relayerOf, type Transaction } from '@kuramori/chains/ethereum/codec';
import { ethereumNode, openOurs } from '@kuramori/chains/ethereum/node';
import { ownerNamed, secretNamed } from '../../chains/ethereum/codec/house.testing.ts';
import type { Payment, Scene } from '../../chains/ethereum/testing/scene.ts';
import { keepers, policy } from '../../core/testing/house.ts';
import { openJournal, type Journal } from '../journal.ts';
import { openPanel } from '../panel.ts';
import { openRelayer, type Relayer } from '../relayer.ts';

export const secret = secretNamed('relayer');
export const account = relayerOf(secret);
const gwei = 1_000_000_000n;
export const usual = {
  gasLimit: 400_000n,
  maxFeePerGas: 100n * gwei,
  maxPriorityFeePerGas: 3n * gwei,
  perDay: 10n ** 18n,
  sweepsPerDay: 10n ** 17n,
} as const;
export const stuckMs = 90_000;

export interface Here extends Disposable {
  readonly relayer: Relayer;
  readonly journal: Journal;
  /** The journal's file. */
  readonly file: string;
  /** Time goes on, milliseconds. */
  readonly pass: (ms: number) => void;
}

/** In this process, over a journal that begins with these lines. */
export function openHere(
  s: Scene,
  {
    caps = {},
    lines = '',
    urls = [s.chain.url],
  }: {
    readonly caps?: Partial<Record<keyof typeof usual, bigint>>;
    readonly lines?: string;
    readonly urls?: readonly string[];
  } = {},
): Here {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-relayer-'));
  const journalFile = join(folder, 'journal.jsonl');
  writeFileSync(journalFile, lines, { mode: 0o600 });
  const journal = openJournal(journalFile);
  let passed = 0;
  const clock = { now: () => Date.now() + passed };
  const ours = openOurs([s.hot, s.cold], 'devnet');
  const panel = openPanel(urls.map((url) => ethereumNode({ url }, ours)));
  const desk = {
    network: 'devnet' as const,
    wallets: [s.hot, s.cold] as const,
    secret,
    account,
    journal,
    panel,
    caps: { ...usual, ...caps },
    clock,
  };
  return {
    relayer: openRelayer(desk, gwei, stuckMs),
    journal,
    file: journalFile,
    pass: (ms) => (passed += ms),
    [Symbol.dispose]() {
      journal[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function askFor({ planned, calldata }: Payment, wallet = 'hot') {
  return { wallet, plan: planned.plan, calldata: calldata.slice(2) };
}

export interface Program extends Disposable {
  readonly folder: string;
  /** Whether it has become ready; false where it died before. */
  readonly start: (dieAt?: string) => Promise<boolean>;
  /** Whether it has killed itself. */
  readonly isDead: () => boolean;
  /** Another one over the same files. */
  readonly startBeside: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
  /** Undefined where nobody answers any more. */
  readonly ask: <R extends keyof typeof relayerRoutes>(
    route: R,
    asked: Parameters<typeof call<(typeof relayerRoutes)[R]>>[2],
  ) => Promise<unknown>;
  /** Each transaction that stands in the journal, by its number. */
  readonly written: () => ReadonlyMap<number, readonly Transaction[]>;
}

const root = dirname(fileURLToPath(new URL('..', import.meta.url)));
/** Whose code it reads. */
const rooms = ['core', 'program', 'chains', 'relayer'];
const main = join(root, 'relayer/main.ts');

/** The same as a process, in a folder of its own, with the powers that it has in a house. */
export function program(s: Scene, pollMs = 50): Program {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-relayer-'));
  const at = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text, { mode: 0o600 });
  // Two online, the third in the vault; of the cold one all.
  const cosigners = s.hot.cosigners.map((one, index) => ({ ...one, signer: index < 2 ? one.signer : null }));
  const hot = { ...s.hot, spares: [], cosigners };
  const deep = ['d1', 'd2', 'd3'].map((name) => ({ publicKey: ownerNamed(name).publicKey, signer: null }));
  const cold = { ...s.cold, spares: [], cosigners: deep, evacuateTo: null };
  const mine: Policy = { ...policy, wallets: [hot, cold], rules: [] };
  const signatures = keepers.map((keeper) => ({
    keeper: keeper.publicKey,
    signature: signStatement(keeper, 'policy', mine as unknown as Plain),
  }));
  write('policy.json', canonicalText({ policy: mine as unknown as Plain, signatures }));
  write('key', `${secret.toHex()}\n`);
  const config = {
    network: 'devnet',
    listen: { socket: at('socket') },
    policy: at('policy.json'),
    keepers: { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 },
    nodes: [s.chain.url],
    keyFile: at('key'),
    journal: at('journal.jsonl'),
    caps: Object.fromEntries(Object.entries(usual).map(([name, units]) => [name, units.toString()])),
    pollMs,
    clock: { kind: 'system' },
  };
  write('config.json', JSON.stringify(config));
  let child: ChildProcess | undefined;
  const begin = (dieAt?: string) => {
    const args = [
      '--no-warnings',
      ...permissionFlags(root, folder, { rooms, net: true, holdsKey: true }),
      main,
      at('config.json'),
      ...(dieAt === undefined ? [] : [`--die-at=${dieAt}`]),
    ];
    const started = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { KURAMORI_LOG: 'off' },
    });
    let said = '';
    started.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ready = new Promise<boolean>((resolve, reject) => {
      started.stdout.on('data', () => resolve(true));
      started.once('exit', (code, signal) =>
        signal === 'SIGKILL' ? resolve(false) : reject(new Error(`ended with ${code}: ${said}`)),
      );
    });
    return { started, ready };
  };
  const stop = async () => {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGKILL');
    await ended;
  };
  return {
    folder,
    async start(dieAt) {
      await stop();
      const { started, ready } = begin(dieAt);
      child = started;
      return ready;
    },
    isDead: () => child?.signalCode === 'SIGKILL',
    startBeside: () => begin().ready,
    stop,
    ask: async (route, asked) => {
      const answer: { readonly kind: string } = await call(
        { socket: at('socket') },
        relayerRoutes[route],
        asked as never,
      );
      return answer.kind === 'unreachable' ? undefined : answer;
    },
    written() {
      const found = new Map<number, Transaction[]>();
      for (const line of readFileSync(at('journal.jsonl'), 'utf8').split('\n').slice(0, -1)) {
        const { kind, nonce, raw } = JSON.parse(line) as { kind: string; nonce: number; raw?: string };
        if (kind !== 'sends' || raw === undefined) continue;
        const read = readTransaction(raw);
        if (read.kind === 'refused') throw new Error(read.why);
        found.set(nonce, [...(found.get(nonce) ?? []), read.transaction]);
      }
      return found;
    },
    [Symbol.dispose]() {
      child?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
