/** A co-signer's machine is lost: restored from its backup it signs nothing until a real watchtower has shown it the newest journal, and then goes on. */
import { chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerRoutes, type SignerStatus } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { bringOwnFunds, deposit, withdraw, type Day } from './day.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';
import { kuramori } from './testing/command.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-restored-'));
  house = await openHouse({ ...servingHouse(join(folder, 'house')), ephemeral: true }, { step: () => {} });
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, 500_000n * xem);
  await deposit(day, 'alice', 1_000n * xem);
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const own = () => join(house.plan.folder, 'signer-1');
const user = () => house.plan.users?.('signer-1');
const people = ['--present', 'Aoi', '--present', 'Ren'];
/** As the signer's own user, which the command wants. */
const signer = (...args: readonly string[]) => kuramori(['signer', ...args, ...people], user());

/** A folder of the signer's user, as a medium that is brought, or a new machine, has it. */
function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700 });
  const as = user();
  if (as) {
    chownSync(folder, as.uid, as.gid);
    chownSync(path, as.uid, as.gid);
  }
  return path;
}

async function status(): Promise<SignerStatus> {
  const answer = await call(whereOf(house.plan, 'signer-1'), signerRoutes.status, {});
  if (answer.kind !== 'status') throw new Error(JSON.stringify(answer));
  return answer;
}

/** All that a ceremony which goes well says beside its answer. */
const onlyRoles = /^Aoi does it; Ren watches.*\n$/;

describe('a co-signer whose machine is lost', () => {
  let before: SignerStatus;

  it('was backed up while it served, and paid on', async () => {
    const backed = await signer('back-up', own(), place('backup'));
    expect(backed.err).toMatch(onlyRoles);
    expect(backed).toMatchObject({ code: 0, out: expect.stringMatching(/back-up: done\. Note on paper/) });
    await withdraw(day, 'alice', 250n * xem, 2n * xem);
    before = await status();
    expect(before.seq).toBeGreaterThan(0);
  }, 60_000);

  it('comes back closed: it has the keys, and a journal that proves nothing', async () => {
    for (const name of ['signer-1', 'watchtower'] as const) await house.kill(name);
    const passphrase = join(place('elsewhere'), 'passphrase');
    renameSync(join(own(), 'passphrase'), passphrase);
    renameSync(own(), join(folder, 'lost'));
    mkdirSync(own(), { mode: 0o700 });
    const as = user();
    if (as) chownSync(own(), as.uid, as.gid);
    const restored = await signer('restore', join(folder, 'backup'), own(), '--passphrase', passphrase);
    expect(restored.err).toMatch(onlyRoles);
    expect(restored).toMatchObject({
      code: 0,
      out: expect.stringMatching(/starts closed, and signs nothing/),
    });
    await house.restart('signer-1', { mayEnd: true });
    expect(await status()).toMatchObject({ open: false, seq: 0 });
  }, 60_000);

  it('adopts what the watchtower holds, and signs', async () => {
    await house.restart('watchtower');
    expect(await status()).toMatchObject({ open: true, seq: before.seq });
    await withdraw(day, 'alice', 250n * xem, 2n * xem);
    expect((await status()).seq).toBeGreaterThan(before.seq);
  }, 60_000);

  it('and its transcript says all that, to whoever reads it', async () => {
    const shown = await kuramori(['signer', 'transcript', own()], user());
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(
      /create: done[\s\S]*sandbox operator 1, sandbox operator 2[\s\S]*pin: done[\s\S]*back-up: begun[\s\S]*Aoi, Ren[\s\S]*restore: done/,
    );
    const last = /last {2}([0-9a-f]{64})/.exec(shown.out)?.[1] ?? '';
    const onPaper = (hash: string) => kuramori(['signer', 'transcript', own(), '--last', hash], user());
    expect((await onPaper(last)).code).toBe(0);
    expect(await onPaper('a'.repeat(64))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/it was shortened, or is another/),
    });
    const first = /entry ([0-9a-f]{64})/.exec(shown.out)?.[1] ?? '';
    expect(await onPaper(first)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/3 more, for which there is no paper/),
    });
    const foreign = await kuramori(['signer', 'transcript', own(), '--key', 'b'.repeat(64)], user());
    expect(foreign).toMatchObject({ code: 1, err: expect.stringMatching(/is foreign/) });
    expect(readFileSync(join(own(), 'pins.json'))).toEqual(readFileSync(join(folder, 'lost', 'pins.json')));
  });
});

describe('the command', () => {
  it.each([
    ['create', ['create'], /takes 1 path/],
    ['no such step', ['make', '/x'], /'make' is no call of it/],
    ['restore without a passphrase', ['restore', '/tmp', '/x'], /--passphrase names the file/],
    ['an HSM without its key', ['create', '/x', '--hsm', '/s'], /--hsm and --wrapping-key go together/],
    ['a folder that is none', ['back-up', '/none', '/x'], /\/none: is no folder/],
  ] as const)('%s: says what is wrong', async (_what, args, why) => {
    const { code, out, err } = await signer(...args);
    expect({ failed: code !== 0, out }).toEqual({ failed: true, out: '' });
    expect(err).toMatch(why);
  });

  it('one person alone holds no ceremony; another user’s folder is left alone', async () => {
    const target = place('alone');
    const alone = await kuramori(['signer', 'create', target, '--present', 'Aoi'], user());
    expect(alone).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/at least two people must be present/),
    });
    if (user())
      expect(await kuramori(['signer', 'create', target, ...people])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/belongs to the user \d+: give this command as that user/),
      });
  });

  it('with --json gives one line', async () => {
    const made = await signer('create', place('json'), '--json');
    expect(made.code).toBe(0);
    expect(JSON.parse(made.out)).toMatchObject({
      step: 'create',
      last: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(made.out.trimEnd()).not.toContain('\n');
  });
});
