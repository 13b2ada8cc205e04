/** The watchtower as a witness: it cosigns what it holds, never two journals of one signer, and never a shorter one than before. */
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  chainOf,
  cosignersOf,
  originOf,
  readCheckpoint,
  readSignedCheckpoint,
  signedCheckpoint,
  signerRoutes,
  verifyCosigned,
  type SignedEntry,
} from '@kuramori/core';
import { now, records, thief, tower, towers } from '../core/testing/house.ts';
import { desk, policy, type Desk, type Open } from '../signers/testing/desk.ts';
import { cosignatureOver, entriesOf, grow } from '../signers/testing/log.ts';
import { openArchive } from './archive.ts';
import { lookout, until, type Lookout } from './testing/lookout.ts';
import { openWitness } from './witness.ts';

const sizeOf = (text: string | null) => (text === null ? null : readSignedCheckpoint(text)?.checkpoint.size);

describe('a witness', () => {
  let d: Desk;
  let open: Open;
  let events: string[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    d = desk();
    open = d.start();
    events = [];
  });
  afterEach(() => {
    open[Symbol.dispose]();
    d[Symbol.dispose]();
    vi.useRealTimers();
  });

  const incident = { note: (event: string) => void events.push(event), settle: () => {} };
  const file = (name = 'archive') => join(d.folder, `${name}.jsonl`);
  /** A watchtower with what it holds; `entries` come to it now. */
  function watchtower(entries: readonly SignedEntry[], key = tower, name = 'archive') {
    const archive = openArchive(file(name), chainOf(policy));
    const witness = openWitness(chainOf(policy), key, archive, incident, () => now);
    const take = (more: readonly SignedEntry[]) => more.map((entry) => archive.take(entry, () => null));
    take(entries);
    return { archive, take, due: (shown: string | null) => witness.due('signer-1', shown), witness };
  }
  const size = (cosigned: ReturnType<ReturnType<typeof watchtower>['due']>) =>
    cosigned && readCheckpoint(cosigned.checkpoint)?.size;

  it('computes the tree by itself: its signer takes the cosignature, over what it holds', async () => {
    grow(open.journal, 300);
    const w = watchtower(entriesOf(open.journal));
    const cosigned = w.due(null);
    expect(cosigned && verifyCosigned(cosigned)).toBe(true);
    expect(cosigned).toMatchObject({ watchtower: tower.publicKey, time: Math.floor(now / 1000) });
    expect(cosigned && open.signer.witness(cosigned)).toEqual({ kind: 'done' });
    await open.tiles.settled();
    expect(sizeOf(open.signer.status().checkpoint)).toBe(300);
  });

  it('cosigns once a second at most, and nothing again that its signer shows', () => {
    grow(open.journal, 5);
    const w = watchtower(entriesOf(open.journal));
    const first = w.due(null);
    expect(size(first)).toBe(5);
    expect(w.due(null)).toBe(null);
    vi.advanceTimersByTime(1_100);
    // Its signer has lost it: the same again.
    expect(size(w.due(null))).toBe(5);
    if (first) open.signer.witness(first);
    vi.advanceTimersByTime(1_100);
    expect(w.due(open.signer.status().checkpoint)).toBe(null);
    grow(open.journal, 6);
    w.take(entriesOf(open.journal));
    expect(size(w.due(open.signer.status().checkpoint))).toBe(6);
  });

  it('meets others at the size that they have cosigned, and goes on from there', () => {
    grow(open.journal, 9);
    const entries = entriesOf(open.journal);
    open.signer.witness(cosignatureOver(entries.slice(0, 7), towers[1]));
    // A policy with one watchtower takes no other's word.
    expect(open.signer.status().checkpoint).toBe(null);
    const origin = originOf('devnet', 'signer-1', records[0].publicKey);
    const checkpoint = readCheckpoint(cosignatureOver(entries.slice(0, 7)).checkpoint);
    const shown =
      checkpoint &&
      signedCheckpoint('devnet', records[0], { ...checkpoint, origin }, [
        cosignatureOver(entries.slice(0, 7), towers[1]),
      ]);
    const w = watchtower(entries.slice(0, 6));
    expect(w.due(shown ?? null)).toBe(null);
    w.take(entries);
    expect(size(w.due(shown ?? null))).toBe(7);
  });

  it('cosigns no shorter one after a longer one, whatever is shown to it, nor after a restart', () => {
    grow(open.journal, 9);
    const entries = entriesOf(open.journal);
    const shown = (to: number) => {
      const checkpoint = readCheckpoint(cosignatureOver(entries.slice(0, to)).checkpoint);
      return checkpoint ? signedCheckpoint('devnet', records[0], checkpoint, []) : null;
    };
    const first = watchtower(entries);
    expect(size(first.due(null))).toBe(9);
    vi.advanceTimersByTime(1_100);
    expect(size(first.due(shown(4)))).toBe(9);
    first.archive[Symbol.dispose]();
    const again = watchtower([]);
    expect(size(again.due(shown(4)))).toBe(9);
  });

  it('with an archive from yesterday it cosigns nothing until it holds again what it cosigned, and says so', () => {
    grow(open.journal, 4);
    const first = watchtower(entriesOf(open.journal));
    copyFileSync(file(), file('yesterday'));
    grow(open.journal, 9);
    first.take(entriesOf(open.journal));
    const cosigned = first.due(null);
    if (cosigned) open.signer.witness(cosigned);
    const again = watchtower([], tower, 'yesterday');
    expect(again.archive.tree('signer-1').size()).toBe(4);
    const { checkpoint } = open.signer.status();
    expect(again.due(checkpoint)).toBe(null);
    expect(events).toEqual(['this watchtower has lost entries that it cosigned']);
    // Nor does a signer that shows nothing any more get a shorter one of it.
    expect(again.due(null)).toBe(null);
    again.take(entriesOf(open.journal));
    vi.advanceTimersByTime(1_100);
    expect(size(again.due(null))).toBe(9);
  });

  it('with another archive than before it never cosigns two journals', () => {
    grow(open.journal, 9);
    const first = watchtower(entriesOf(open.journal));
    const cosigned = first.due(null);
    if (cosigned) open.signer.witness(cosigned);
    // The record key was stolen, and signed another past.
    using forged = desk();
    using other = forged.start();
    grow(other.journal, 12, { what: ', never recorded' });
    const again = watchtower(entriesOf(other.journal), tower, 'other');
    expect(again.due(open.signer.status().checkpoint)).toBe(null);
    vi.advanceTimersByTime(1_100);
    expect(again.due(null)).toBe(null);
    expect(events).toEqual(['this watchtower cosigned another journal than it holds']);
  });

  it('takes a stranger’s line below a checkpoint for nothing', () => {
    grow(open.journal, 4);
    const entries = entriesOf(open.journal);
    const w = watchtower(entries);
    const checkpoint = readCheckpoint(cosignatureOver(entries).checkpoint);
    if (!checkpoint) throw new Error('a checkpoint');
    const ahead = { ...checkpoint, size: 1_000 };
    const lie = cosignatureOver(entries, thief);
    expect(w.due(signedCheckpoint('devnet', records[0], ahead, [lie]))).toBe(null);
    expect(events).toEqual([]);
    expect(size(w.due(null))).toBe(4);
  });
});

describe('watchtower and signers, running', () => {
  let l: Lookout;
  beforeEach(async () => {
    l = await lookout();
    await l.seeing();
  });
  afterEach(() => l[Symbol.asyncDispose]());

  const status = async (id: string) => {
    const answer = await call(l.sockets.get(id), signerRoutes.status, {});
    if (answer.kind !== 'status') throw new Error(JSON.stringify(answer));
    return answer;
  };

  it('what was paid is cosigned within seconds, and its checkpoint and tiles are on the disk', async () => {
    await l.pay();
    await until('both checkpoints', async () =>
      [await status('signer-1'), await status('signer-2')].every(
        ({ checkpoint }) => sizeOf(checkpoint) === 1,
      ),
    );
    const { checkpoint } = await status('signer-1');
    const onDisk = join(l.folder, 'signer-1.tiles', 'checkpoint');
    await until('the file', () => {
      try {
        return readFileSync(onDisk, 'utf8') === checkpoint;
      } catch {
        return false;
      }
    });
    const signed = readSignedCheckpoint(readFileSync(onDisk));
    expect(signed && cosignersOf('devnet', l.policy.watchtowers.keys, signed).cosigned).toEqual([
      tower.publicKey,
    ]);
    l.clock.ms += 1_000;
    await l.pay();
    await until('the next', async () => sizeOf((await status('signer-1')).checkpoint) === 2);
  });

  it('a journal whose end was cut off is closed until the watchtower has shown it, by its own checkpoint too', async () => {
    const file = join(l.folder, 'signer-1.jsonl');
    await l.pay();
    copyFileSync(file, `${file}.yesterday`);
    l.clock.ms += 1_000;
    await l.pay();
    await until('the checkpoint', async () => sizeOf((await status('signer-1')).checkpoint) === 2);
    await l.stopSigner('signer-1');
    await l.stopTower();
    copyFileSync(`${file}.yesterday`, file);
    await l.startSigner('signer-1');
    expect(await status('signer-1')).toMatchObject({ seq: 1, missing: 1, open: false });
    await l.startTower();
    await l.seeing();
    expect(await status('signer-1')).toMatchObject({ seq: 2, missing: 0, open: true });
  });

  it('a signer whose journal is another one than the watchtower holds is told of', async () => {
    await l.pay();
    await until('the checkpoint', async () => sizeOf((await status('signer-1')).checkpoint) === 1);
    await l.stopSigner('signer-1');
    // Whoever has the record key writes another past, of the same length, without its tiles.
    rmSync(join(l.folder, 'signer-1.jsonl'));
    rmSync(join(l.folder, 'signer-1.tiles'), { recursive: true });
    await l.startSigner('signer-1');
    const journal = l.journals.get('signer-1');
    if (journal) grow(journal, 1, { what: ', never recorded' });
    await until('the incident', () => l.incident().includes('a signer has two journals'));
    expect((await status('signer-1')).open).toBe(false);
  });
});
