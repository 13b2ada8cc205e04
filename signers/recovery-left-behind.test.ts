/** A recovery that comes to nothing leaves no key behind: what it wrote is overwritten where it stood, and only then removed. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { perform } from './step/step.ts';
import { Command } from './ceremony/command.ts';
import { making } from './ceremony/create.ts';
import { enoughNonces } from './nonces.ts';
import { site } from './testing/ceremonies.ts';
import { present } from './testing/made.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
beforeEach(() => one.anew());

/** Makes keys of a known secret, and comes to nothing once `meanwhile` has looked at what is there. */
function makeInVain(meanwhile: () => void): Promise<unknown> {
  const command = Command.parse({ step: 'create', folder: one.at('new'), present });
  return perform(
    command,
    () => {},
    (ceremony) =>
      making(ceremony, undefined, { entropy: new Uint8Array(32).fill(7) }, null, () => {
        meanwhile();
        throw new Error('the power is gone');
      }),
  );
}

describe('what was written', () => {
  it('is overwritten, as whoever holds on to its bytes sees', async () => {
    const names = ['keystore.json', 'passphrase'];
    const before = new Map<string, Buffer>();
    mkdirSync(one.at('held'));
    await expect(
      makeInVain(() => {
        for (const name of names) {
          linkSync(one.at(`new/${name}`), one.at(`held/${name}`));
          before.set(name, readFileSync(one.at(`new/${name}`)));
        }
      }),
    ).rejects.toThrow('the power is gone');
    expect(readdirSync(one.at('new'))).toEqual([]);
    for (const [name, bytes] of before) {
      const after = readFileSync(one.at(`held/${name}`));
      expect(after).toHaveLength(bytes.length);
      const same = after.filter((byte, at) => byte === bytes[at]).length;
      // One byte in 256 by chance.
      expect(same).toBeLessThan(bytes.length / 8);
    }
  });

  it('goes as far as it can where somebody has put a link in the way, and why it failed is told first', async () => {
    await expect(
      makeInVain(() => symlinkSync(one.at('kept-elsewhere'), one.at('new/passphrase.next'))),
    ).rejects.toThrow('the power is gone');
    expect(readdirSync(one.at('new'))).toEqual(['passphrase.next']);
  });
});

it.each(['create', 'recover'])('%s: the new keys are tested before anybody is told of them', async (step) => {
  const shares = ['m1', 'm2', 'm3'].map((name) => one.at(name));
  for (const folder of shares) mkdirSync(folder);
  const groups = [{ threshold: 2, count: 3 }];
  await one.hold({ step: 'share', groupThreshold: 1, groups, to: shares, althoughTogether: true });
  const files = shares.map((folder) => join(folder, readdirSync(folder)[0] ?? '')).slice(0, 2);
  let signatures = 0;
  const count = () => void (signatures += 1);
  subscribe('kuramori:signature', count);
  await one.hold({
    step: step as 'create',
    folder: one.at('new'),
    ...(step === 'recover' ? { shares: files, confirm: one.keys.chainKey } : {}),
  });
  unsubscribe('kuramori:signature', count);
  expect(signatures).toBeGreaterThan(2 * enoughNonces);
});
