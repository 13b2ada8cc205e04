/** Ceremonies for tests: held in this process, or in the real program, which can be killed at any write. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyDigest, type Policy } from '@kuramori/core';
import type { Ended } from '../step/step.ts';
import { Command } from '../ceremony/command.ts';
import { hold } from '../ceremony/hold.ts';
import type { Keys } from '../keystore.ts';
import { policy as deskPolicy } from './desk.ts';
import { make, present } from './made.ts';
import { policyFile } from './program.ts';

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'ceremony/main.ts');

export type Asked = { readonly step: Command['step'] } & Readonly<Record<string, unknown>>;

export interface Site extends Disposable {
  readonly at: (name: string) => string;
  /** Open, whatever happens to the folder `signer`. */
  readonly keys: Keys;
  /** Names the signer, signed by its keepers; in the file `policy.json`. */
  readonly policy: Policy;
  /** Everything as it was in the beginning: a signer that is made, and not pinned. */
  readonly anew: () => void;
  /** Holds a step in the folder `signer` unless another one is named. */
  readonly hold: (asked: Asked) => Promise<Ended>;
  /** The same, by the program; gives how it ended. */
  readonly run: (asked: Asked, ...flags: readonly string[]) => Ran;
  /** Why it was refused, or what was done. */
  readonly why: (asked: Asked) => Promise<string>;
  readonly files: (folder: string) => readonly string[];
}

export interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  /** All that it said on standard error. */
  readonly err: string;
}

/** A policy under which `keys` are signer-1's. */
export function policyFor(keys: Keys): Policy {
  const recordKey = keys.record.publicKey;
  return {
    ...deskPolicy,
    signers: deskPolicy.signers.map((one) => (one.id === 'signer-1' ? { ...one, recordKey } : one)),
    wallets: deskPolicy.wallets.map((wallet) => ({
      ...wallet,
      cosigners: wallet.cosigners.map((one) =>
        one.signer === 'signer-1' ? { ...one, publicKey: keys.chainKey } : one,
      ),
    })),
  };
}

export function site(): Site {
  const base = mkdtempSync(join(tmpdir(), 'kuramori-ceremony-'));
  const [kept, play] = [join(base, 'kept'), join(base, 'play')];
  cpSync(mkdtempSync(join(base, 'empty-')), join(kept, 'signer'), { recursive: true });
  const at = (name: string) => join(play, name);
  const keys = make(join(kept, 'signer'));
  const policy = policyFor(keys);
  writeFileSync(join(kept, 'policy.json'), policyFile(policy));
  for (const name of ['backup', 'new'])
    cpSync(mkdtempSync(join(base, 'empty-')), join(kept, name), { recursive: true });
  const command = (asked: Asked) => ({
    folder: at('signer'),
    present,
    ...(asked.step === 'pin' ? { policy: at('policy.json'), confirm: policyDigest(policy) } : {}),
    ...(asked.step === 'back-up' ? { to: at('backup') } : {}),
    ...(asked.step === 'restore'
      ? { from: at('backup'), folder: at('new'), passphrase: join(kept, 'signer/passphrase') }
      : {}),
    ...(asked.step === 'retire' ? { althoughNamed: false, confirm: keys.record.publicKey } : {}),
    ...asked,
  });
  const held = (asked: Asked) => hold(Command.parse(command(asked)), () => {});
  return {
    at,
    keys,
    policy,
    anew() {
      rmSync(play, { recursive: true, force: true });
      cpSync(kept, play, { recursive: true });
    },
    hold: held,
    run(asked, ...flags) {
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        [main, JSON.stringify(command(asked)), ...flags],
        { encoding: 'utf8', input: '', env: { NODE_NO_WARNINGS: '1' } },
      );
      return { code: status, signal, out: stdout, err: stderr };
    },
    why: (asked) =>
      held(asked).then(
        () => 'done',
        (cause: unknown) => (cause as Error).message,
      ),
    files: (folder) => readdirSync(at(folder)).sort(),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** What a transcript says, each entry in a few words. */
export function stepsIn(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { entry, signature } = JSON.parse(line) as {
        entry: { step: string; outcome: string };
        signature: string | null;
      };
      return `${entry.step} ${entry.outcome}${signature === null ? ', unsigned' : ''}`;
    });
}
