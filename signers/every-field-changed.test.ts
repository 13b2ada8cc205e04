/** Whatever a thief changes in what a signer is told, field by field and bit by bit: each change is refused for the right reason. */
import { subscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cosignedScene, passkeyScene, paymentScene } from './testing/asks.ts';
import type { Change } from './testing/change.ts';
import { objectScene, thawScene } from './testing/decided.ts';
import { journalScene, policyScene } from './testing/files.ts';
import { evacuationScene, sweepScene } from './testing/own-asks.ts';
import { adoptScene, freezeScene, headScene, releaseScene } from './testing/told.ts';
import type { Scene } from './testing/scene.ts';
import { tally } from './testing/tally.ts';

const scenes: Readonly<Record<string, () => Scene>> = {
  'a payment': paymentScene,
  'a cosigned payment': cosignedScene,
  'an approval by a passkey': passkeyScene,
  'a sweep': sweepScene,
  'an evacuation': evacuationScene,
  countersignatures: releaseScene,
  'the newest journal': adoptScene,
  'the newest head': headScene,
  'a freeze': freezeScene,
  'a thaw': thawScene,
  'an objection': objectScene,
  'the policy’s file': policyScene,
  'the journal’s file': journalScene,
};

let signed = 0;
subscribe('kuramori:signature', (what) => {
  if (/ sign/.test(String(what))) signed += 1;
});
// A nonce lives for a minute.
beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterAll(() => void vi.useRealTimers());

const count = tally();

/** What became of a message: the reason, `malformed <path>`, or what was answered. */
function answer(scene: Scene, message: unknown): string {
  const read = scene.schema.safeParse(message);
  if (!read.success) return `malformed ${read.error.issues[0]?.path.join('.') ?? ''}`;
  const given = scene.send(read.data as never);
  return given.why ?? given.kind;
}

/** Null where the change is refused as it should be, and nothing else happened. */
function flawOf(scene: Scene, change: Change, expected: string): string | null {
  const message = change.message();
  const [{ seq }, { refused }, before] = [scene.open.journal.history(), scene.open.signer.status(), signed];
  const got = answer(scene, message);
  const name = `${change.path}: ${change.change}${change.signedAgain ? ', signed again' : ''}`;
  if (change.malformed) {
    const path = got.replace(/^malformed ?/, '');
    const around = change.path.split('.').slice(0, -1).join('.');
    if (!got.startsWith('malformed') || (path !== change.path && path !== around))
      return `${name}: ${got}, and not malformed`;
  } else if (!expected.split('|').includes(got)) return `${name}: ${got}, and not ${expected}`;
  const [{ seq: after }, { refused: since }] = [scene.open.journal.history(), scene.open.signer.status()];
  if (after !== seq) return `${name}: written down`;
  if (signed !== before) return `${name}: something was signed`;
  if (since !== refused + (change.malformed || scene.counts === false ? 0 : 1)) return `${name}: not counted`;
  count.refused(change.malformed ? 'malformed' : (scene.called?.(got) ?? got), change.field);
  return null;
}

const nameOf = ({ field, path, change, signedAgain }: Change) =>
  `${field} at ${path}: ${change} ${signedAgain}`;

describe.each(Object.entries(scenes))('%s', { timeout: 120_000 }, (what, make) => {
  const allowed = new Map<string, string>();

  it('changed is refused, for the right reason', () => {
    using scene = make();
    const flaws: string[] = [];
    for (const change of scene.changes()) {
      const expected = change.malformed ? 'malformed' : scene.expected(change);
      if (expected.startsWith('allowed: ')) allowed.set(nameOf(change), expected);
      else {
        const flaw = flawOf(scene, change, expected);
        if (flaw !== null) flaws.push(flaw);
      }
    }
    expect(flaws).toEqual([]);
    expect(answer(scene, scene.message), 'as it was').not.toMatch(/^malformed|-|frozen/);
    count.taken(what, 'as it was');
  });

  it('what may be changed is taken', () => {
    const flaws: string[] = [];
    for (const [name, why] of allowed) {
      // Of many bits that may be changed, every tenth.
      if (/ bit [0-9]*[1-9] /.test(name)) continue;
      using scene = make();
      const change = scene.changes().find((one) => nameOf(one) === name);
      const got = answer(scene, change?.message());
      if (got.startsWith('malformed') || got.includes('-')) flaws.push(`${name}: ${got}`);
      else count.taken(what, why);
    }
    expect(flaws).toEqual([]);
  });
});

it('negative cases outnumber positive ones ten to one, and there are two thousand', () => {
  const { cases, kinds, positive } = count.sums();
  console.log(
    `${cases} cases, ${kinds} reasons in fields, ${positive} kinds of what is taken\n${count.table()}`,
  );
  expect(cases).toBeGreaterThanOrEqual(2_000);
  expect(kinds).toBeGreaterThanOrEqual(10 * positive);
});
