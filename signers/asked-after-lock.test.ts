/** A locked co-signer signs nothing, whatever it is asked and had recorded before; it still answers, holds by a freeze, and stops cleanly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryHash, generateSigningKey, signerRoutes, signText } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { privateKeyOf, keyOf } from '@kuramori/chains/nem/codec';
import { keysOf } from './keystore.ts';
import { open, propose, sign } from './testing/caller.ts';
import { countersignatureOf, freezeOf } from './testing/desk.ts';
import { program, start, type Started } from './testing/program.ts';

const one = program();
const ask = (name: keyof typeof signerRoutes, asked: object) =>
  call({ socket: one.at('socket') }, signerRoutes[name], asked as never) as Promise<Record<string, unknown>>;
const closed = { kind: 'refused', why: 'closed' };

describe('a co-signer that was locked', () => {
  let running: Started;
  let recorded: Awaited<ReturnType<typeof propose>>;
  beforeAll(async () => {
    running = await start(one);
    await open(one);
    expect(await sign(one, 1)).toMatchObject({ kind: 'signed' });
    recorded = await propose(one, 2);
    running.child.kill('SIGHUP');
    while ((await ask('status', {}))['open'] === true)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }, 60_000);
  afterAll(() => one[Symbol.dispose]());

  it('records nothing new, and lets nothing go that it had recorded', async () => {
    expect(await propose(one, 3)).toMatchObject({
      ...closed,
      detail: expect.stringMatching(/were locked/) as string,
    });
    if (recorded.kind !== 'recorded') throw new Error(JSON.stringify(recorded));
    const asked = {
      entry: entryHash(recorded.record.entry),
      countersignatures: [countersignatureOf(recorded.record)],
    };
    expect(await ask('release', asked)).toMatchObject(closed);
  });

  it('is not opened by a watchtower, and holds by a freeze that it cannot write down', async () => {
    const entries = (await ask('journal', { from: 1 })) as { entries: { entry: never }[] };
    const last = entries.entries.at(-1);
    await open(one, entries.entries as never, last ? entryHash(last.entry) : undefined);
    expect(await ask('freeze', freezeOf())).toMatchObject(closed);
    expect(await ask('status', {})).toMatchObject({
      open: false,
      frozen: { freeze: { why: 'an uncovered spend' } },
    });
  });

  it('stops cleanly; started again it reads its passphrase and signs', async () => {
    running.child.kill();
    expect((await running.ended).code).toBe(0);
    running = await start(one);
    await open(one);
    expect(await sign(one, 5)).toMatchObject({ kind: 'signed' });
    running.child.kill();
    await running.ended;
  });
});

it('keys that were locked are zero, and their record key throws', () => {
  const chain = privateKeyOf(new Uint8Array(32).fill(9));
  const keys = keysOf(generateSigningKey(), keyOf(chain));
  keys.lock();
  expect(keys.isLocked()).toBe(true);
  expect(chain.every((byte) => byte === 0)).toBe(true);
  expect(() => signText(keys.record, 'journal-entry', 'x')).toThrow(/locked/);
});
