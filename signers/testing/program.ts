/** A co-signer as a process: its files in a folder of its own, and every one of them the test's to spoil. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalText, signStatement, type Plain, type Policy } from '@kuramori/core';
import { keepers, now } from '../../core/testing/house.ts';
import { policy } from './desk.ts';
import { make, pin } from './made.ts';

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'cosigner/main.ts');

/** The bundle with its keepers' signatures, as it lies on the disk. */
export function policyFile(of: Policy, by = keepers as readonly (typeof keepers)[number][]): string {
  const signatures = by.map((keeper) => ({
    keeper: keeper.publicKey,
    signature: signStatement(keeper, 'policy', of as unknown as Plain),
  }));
  return canonicalText({ policy: of as unknown as Plain, signatures });
}

export interface Program extends Disposable {
  readonly folder: string;
  readonly at: (name: string) => string;
  /** Writes one of its files, mode 0600. */
  readonly write: (name: string, text: string) => void;
  readonly read: (name: string) => string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly policy: Policy;
  /** The key on the chain, as the keystore names it. */
  readonly chainKey: string;
  /** Has it believe another policy. */
  readonly pin: (of: Policy) => void;
}

export function program(passphrase?: string): Program {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-cosigner-'));
  const at = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text, { mode: 0o600 });
  const keys = make(folder, passphrase);
  const { chainKey } = keys;
  const mine: Policy = {
    ...policy,
    signers: policy.signers.map((one) =>
      one.id === 'signer-1' ? { ...one, recordKey: keys.record.publicKey } : one,
    ),
    wallets: policy.wallets.map((wallet) => ({
      ...wallet,
      cosigners: wallet.cosigners.map((cosigner) =>
        cosigner.signer === 'signer-1' ? { ...cosigner, publicKey: chainKey } : cosigner,
      ),
    })),
  };
  const config = {
    id: 'signer-1',
    listen: { socket: at('socket') },
    keystore: at('keystore.json'),
    passphrase: at('passphrase'),
    journal: at('journal.jsonl'),
    tiles: at('tiles'),
    policy: at('policy.json'),
    // The tests play in January.
    clock: { kind: 'driven', file: at('clock.json') },
  };
  write('clock.json', JSON.stringify({ offsetMs: now - Date.now() }));
  write('policy.json', policyFile(mine));
  pin(folder, keys, mine);
  write('config.json', JSON.stringify(config));
  return {
    folder,
    at,
    write,
    read: (name) => readFileSync(at(name), 'utf8'),
    config,
    policy: mine,
    chainKey,
    pin: (of) => pin(folder, keys, of),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly lines: readonly string[] }>;
}

/** Starts it and waits until it is ready. `mostBlocks` is the size of file, in 512 bytes, at which its disk is full. */
export function start(
  one: Program,
  { mostBlocks, entry = main }: { readonly mostBlocks?: number; readonly entry?: string | undefined } = {},
): Promise<Started> {
  const args = [entry, one.at('config.json')];
  const child =
    mostBlocks === undefined
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(
          '/bin/sh',
          ['-c', `trap '' XFSZ; ulimit -f ${mostBlocks}; exec "$@"`, 'sh', process.execPath, ...args],
          {
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        );
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<{ code: number | null; lines: string[] }>((resolve) => {
    child.on('close', (code) => resolve({ code, lines: err.trimEnd().split('\n') }));
  });
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => resolve({ child, ended }));
    void ended.then(({ lines }) => reject(new Error(lines.join('\n'))));
  });
}
