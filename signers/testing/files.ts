/** Files: the policy's and the journal's, edited where they lie. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPolicy, signStatement, type Kind, type Policy, type SigningKey } from '@kuramori/core';
import { keepers, records } from '../../core/testing/house.ts';
import { openJournal } from '../journal.ts';
import { at, changesOf, type Change, type Wire } from './change.ts';
import { forgeriesOf } from './forgery.ts';
import { desk, recorded } from './desk.ts';
import { asItIs, askFor, openedDesk, partAt, strict, toldOf, wireOf, type Scene } from './scene.ts';
import { shapeAt } from './shapes.ts';
import { next } from './decided.ts';
import { entryPart } from './told.ts';

/** The file with both versions: read at the start, before there is anybody to ask. */
export function policyScene(): Scene {
  const one = openedDesk();
  const bundle = (policy: Policy) => ({
    policy,
    signatures: keepers.map((key) => {
      return { keeper: key.publicKey, signature: signStatement(key, 'policy', policy) };
    }),
  });
  const message = wireOf({ bundles: [bundle(strict), bundle(next)] });
  const parts = [0, 1].flatMap((version) =>
    [0, 1].map((index) => ({
      ...partAt(`bundles.${version}.signatures.${index}`, 'x', 'keeper', 'policy', keepers[index as 0 | 1]),
      sign: (from: Wire, by: SigningKey, as: Kind | 'request') =>
        signStatement(by, as as Kind, at(from, `bundles.${version}.policy`)),
    })),
  );
  const second = (change: Partial<Policy>) => ({ bundles: [bundle(strict), bundle({ ...next, ...change })] });
  const told = [
    toldOf('bundles.policy.version', 'one left out', 'bundles.1.version', () => second({ version: 3 })),
    toldOf('bundles.policy.version', 'the first again', 'bundles.1.version', () => second({ version: 1 })),
    toldOf('bundles.policy.prev', 'another', 'bundles.1.prev', () => second({ prev: 'f'.repeat(64) })),
    toldOf('bundles.policy.network', 'another', 'bundles.1.network', () => second({ network: 'testnet' })),
  ];
  const shapes = (path: string) =>
    path.includes('.signatures') ? shapeAt(path) : ({ is: 'anything' } as const);
  const pinned = { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 };
  return {
    ...one,
    open: one,
    schema: asItIs,
    message,
    counts: false,
    called(why) {
      if (why.endsWith('.signatures')) return 'policy-signatures';
      return /^bundles\.1\.(version|prev|network)$/.test(why) ? 'policy-line' : 'malformed';
    },
    *changes() {
      for (const change of changesOf(message, shapes)) yield { ...change, malformed: false };
      for (const part of parts) yield* forgeriesOf(message, part);
      yield* told.map(({ change }) => change);
    },
    expected: (change) => told.find((story) => story.change === change)?.why ?? whyOfPolicy(change),
    send: (file: Wire) => {
      const read = readPolicy(file, pinned);
      return read.kind === 'refused' ? { kind: 'refused', why: read.field } : read;
    },
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

/** The field itself, where the schema sees it; else that these bytes are not what was signed. */
function whyOfPolicy({ path, change }: Change): string {
  if (path.endsWith('signatures') && /twice|turned round/.test(change))
    return 'allowed: a keeper counts once, in whatever order';
  if (path === 'bundles' && change === 'missing') return 'policy';
  if (path === 'bundles' && /twice|many|turned/.test(change)) return 'bundles.1.version';
  if (path === 'bundles' && change === 'without the last')
    return 'allowed: it is the older file, see strayed';
  const version = /^bundles\.([01])/.exec(path)?.[1] ?? '0';
  return [`bundles.${version}.signatures`, path, path.split('.').slice(0, -1).join('.')].join('|');
}

/** Its own journal on the disk, edited while it was not running. */
export function journalScene(): Scene {
  const one = openedDesk();
  const record = recorded(one.signer.propose(askFor(one)));
  const message = wireOf({ line: record });
  const d = desk(strict);
  const file = join(d.folder, 'edited.jsonl');
  return {
    ...one,
    open: one,
    schema: asItIs,
    message,
    counts: false,
    *changes() {
      for (const change of changesOf(message, shapeAt)) {
        // Each bit of what it says is tried where a watchtower shows it.
        if (change.path !== 'line.signature' && change.change.includes('bit ')) continue;
        yield { ...change, malformed: false };
      }
      yield* forgeriesOf(message, entryPart('line'));
    },
    expected: () => 'journal-altered',
    send: ({ line }: { readonly line?: Wire }) => {
      writeFileSync(file, `${JSON.stringify(line ?? null)}\n`);
      try {
        openJournal(file, 'signer-1', records[0])[Symbol.dispose]();
        return { kind: 'opened' };
      } catch (error) {
        const altered = (error as Error).message.includes('this journal was altered');
        return { kind: 'refused', why: altered ? 'journal-altered' : String(error) };
      }
    },
    [Symbol.dispose]() {
      d[Symbol.dispose]();
      one[Symbol.dispose]();
    },
  };
}
