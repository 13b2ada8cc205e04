/** A backup that was altered, mixed up or put where a signer lives restores nothing; without its passphrase it is nothing but sealed bytes. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signStatement } from '@kuramori/core';
import { formatPrivateKey, privateKeyOf } from '@kuramori/chains/nem/codec';
import { jsonText } from '@kuramori/program';
import { mountDisk } from '../sandbox/chaos/disk.ts';
import { readBackup } from './ceremony/backup.ts';
import { openKeystore, chainSecretOf } from './keystore.ts';
import { pinsIn, readPins } from './pins.ts';
import { site, stepsIn } from './testing/ceremonies.ts';

const [mine, other] = [site(), site()];
const backup = mine.at('backup');
const whole = `${backup}.whole`;
const passphrase = 'correct horse';
afterAll(() => {
  mine[Symbol.dispose]();
  other[Symbol.dispose]();
});

beforeAll(async () => {
  for (const one of [mine, other]) {
    one.anew();
    await one.hold({ step: 'pin' });
    await one.hold({ step: 'back-up' });
  }
  cpSync(backup, whole, { recursive: true });
});
beforeEach(() => {
  rmSync(backup, { recursive: true });
  cpSync(whole, backup, { recursive: true });
  rmSync(mine.at('new'), { recursive: true });
  mkdirSync(mine.at('new'));
});
const theirs = (name: string) => readFileSync(join(other.at('backup'), name), 'utf8');
const edit = (name: string, change: (text: string) => string) => {
  const file = join(backup, name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};
const bytesOf = (folder: string) =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));

const chainSecret = () => chainSecretOf(mine.at('signer/keystore.json'), Buffer.from(passphrase));

/** Whatever stands in it that somebody could take for a passphrase. */
const words = () =>
  bytesOf(whole)
    .toString('utf8')
    .match(/[\w-]{20,}/g) ?? [];

describe('a backup', () => {
  it('holds keystore, pins and transcript, and neither passphrase, journal nor key in any form', () => {
    expect(mine.files('backup')).toEqual(['ceremony.jsonl', 'keystore.json', 'manifest.json', 'pins.json']);
    const bytes = bytesOf(backup);
    const seed = Buffer.from(mine.keys.record.secret.export({ format: 'jwk' }).d ?? '', 'base64url');
    const secrets = {
      passphrase: Buffer.from(passphrase),
      'chain key': chainSecret(),
      'record key': seed,
    };
    for (const [name, secret] of Object.entries(secrets))
      for (const form of [Buffer.from(secret), secret.toHex(), Buffer.from(secret).toString('base64')])
        expect(bytes.includes(form), name).toBe(false);
    expect(bytes.includes(formatPrivateKey(privateKeyOf(chainSecret())))).toBe(false);
  });

  it('does not open without the passphrase, and not with another', () => {
    for (const guess of ['', 'correct horsf', ...words().slice(0, 4)])
      expect(() => openKeystore(join(backup, 'keystore.json'), Buffer.from(guess))).toThrow(/does not open/);
  });

  it('restores the very keys, pins and transcript, which goes on', async () => {
    const ended = await mine.hold({ step: 'restore' });
    expect(ended).toMatchObject({ recordKey: mine.keys.record.publicKey, chainKey: mine.keys.chainKey });
    const folder = mine.at('new');
    expect(readPins(folder, mine.keys.record.publicKey)).toEqual(
      readPins(mine.at('signer'), mine.keys.record.publicKey),
    );
    expect(stepsIn(join(folder, 'ceremony.jsonl'))).toEqual([
      'create done',
      'pin done',
      'back-up begun',
      'restore done',
    ]);
    expect(openKeystore(join(folder, 'keystore.json'), Buffer.from(passphrase)).chainKey).toBe(
      mine.keys.chainKey,
    );
  });

  it('is not written over another one, of this signer or of another', async () => {
    expect(await mine.why({ step: 'back-up', to: other.at('backup') })).toMatch(/holds another backup/);
    rmSync(pinsIn(mine.at('signer')));
    expect(await mine.why({ step: 'back-up' })).toBe('done');
    writeFileSync(pinsIn(mine.at('signer')), readFileSync(join(whole, 'pins.json')));
    mkdirSync(mine.at('full'));
    writeFileSync(mine.at('full/thesis.txt'), 'x');
    expect(await mine.why({ step: 'back-up', to: mine.at('full') })).toMatch(/thesis\.txt: is in the way/);
  });
});

describe('altered, it restores nothing', () => {
  const forged = (change: object) => {
    const { manifest } = readBackup(whole);
    const signed = { ...manifest, ...change };
    return jsonText({ manifest: signed, signature: signStatement(other.keys.record, 'backup', signed) });
  };
  const altered: readonly (readonly [what: string, why: RegExp, alter: () => void])[] = [
    [
      'the keystore',
      /keystore\.json: is not the file that the manifest names/,
      () => edit('keystore.json', (text) => text.replace('"passes": 3', '"passes": 4')),
    ],
    [
      'the pins',
      /pins\.json: is not the file/,
      () => edit('pins.json', (text) => text.replace('"quorum":2', '"quorum":1')),
    ],
    [
      'the transcript',
      /ceremony\.jsonl: is not the file/,
      () => edit('ceremony.jsonl', (text) => text.replace('Aoi', 'Mei')),
    ],
    [
      'the manifest',
      /manifest\.json: signature: is not/,
      () => edit('manifest.json', (text) => text.replace(/"sha256":"../, '"sha256":"00')),
    ],
    [
      'a manifest that another key signed',
      /manifest\.json: signature: is not/,
      () => edit('manifest.json', () => forged({})),
    ],
    [
      'a manifest of another key',
      /keystore\.json: holds other keys than the manifest names/,
      () => edit('manifest.json', () => forged({ recordKey: other.keys.record.publicKey })),
    ],
    [
      'another signer’s keystore',
      /keystore\.json: is not the file/,
      () => edit('keystore.json', () => theirs('keystore.json')),
    ],
    [
      'another signer’s pins',
      /pins\.json: is not the file/,
      () => edit('pins.json', () => theirs('pins.json')),
    ],
    [
      'another signer’s transcript',
      /ceremony\.jsonl: is not the file/,
      () => edit('ceremony.jsonl', () => theirs('ceremony.jsonl')),
    ],
    [
      'another signer’s manifest',
      /keystore\.json: is not the file/,
      () => edit('manifest.json', () => theirs('manifest.json')),
    ],
    [
      'a file more',
      /passphrase: is not in the manifest/,
      () => writeFileSync(join(backup, 'passphrase'), 'guess\n'),
    ],
    ...['keystore.json', 'pins.json', 'ceremony.jsonl'].map(
      (name) =>
        [
          `without ${name}`,
          new RegExp(`${name.replace('.', '\\.')}: is gone`),
          () => rmSync(join(backup, name)),
        ] as const,
    ),
    ['without its manifest', /manifest\.json: is not there/, () => rmSync(join(backup, 'manifest.json'))],
  ];
  it.each(altered)('%s', async (_what, why, alter) => {
    alter();
    expect(await mine.why({ step: 'restore' })).toMatch(why);
    expect(mine.files('new')).toEqual([]);
  });

  it('with another passphrase neither, and others may not read the one that is given', async () => {
    const file = mine.at('guess');
    writeFileSync(file, 'correct horsf\n', { mode: 0o600 });
    expect(await mine.why({ step: 'restore', passphrase: file })).toMatch(
      /does not open: the passphrase is wrong/,
    );
    writeFileSync(mine.at('open'), `${passphrase}\n`, { mode: 0o644 });
    expect(await mine.why({ step: 'restore', passphrase: mine.at('open') })).toMatch(
      /others may read this secret/,
    );
    expect(mine.files('new')).toEqual([]);
  });
});

describe('restored over', () => {
  it('a living signer, this one or another, nothing is touched, and the try is written down there', async () => {
    for (const living of [mine, other]) {
      const before = readFileSync(living.at('signer/keystore.json'), 'utf8');
      const steps = stepsIn(living.at('signer/ceremony.jsonl'));
      expect(await mine.why({ step: 'restore', folder: living.at('signer') })).toMatch(
        /ceremony\.jsonl: is there: a signer lives or lived in this folder/,
      );
      expect(readFileSync(living.at('signer/keystore.json'), 'utf8')).toBe(before);
      expect(stepsIn(living.at('signer/ceremony.jsonl'))).toEqual([...steps, 'restore refused, unsigned']);
    }
  });

  it('keys or a journal without a transcript, nothing is touched', async () => {
    writeFileSync(mine.at('new/journal.jsonl'), '');
    expect(await mine.why({ step: 'restore' })).toMatch(/journal\.jsonl: is there/);
    rmSync(mine.at('new/journal.jsonl'));
    writeFileSync(mine.at('new/keystore.json'), theirs('keystore.json'));
    expect(await mine.why({ step: 'restore' })).toMatch(/keystore\.json: is there, and not from this backup/);
    expect(readFileSync(mine.at('new/keystore.json'), 'utf8')).toBe(theirs('keystore.json'));
  });
});

describe('onto a full disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-full-'));
  const disk = mountDisk(folder, 256 * 1024, 'kuramori-backup');
  afterAll(() => {
    disk?.[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  it.skipIf(disk === null)('it says so, writes that down, and is finished once there is room', async () => {
    mkdirSync(join(folder, 'b'));
    disk?.fill();
    expect(await mine.why({ step: 'back-up', to: join(folder, 'b') })).toMatch(/disk full: free space at/);
    expect(readdirSync(join(folder, 'b'))).not.toContain('manifest.json');
    expect(stepsIn(mine.at('signer/ceremony.jsonl')).at(-1)).toBe('back-up refused');
    disk?.free();
    expect(await mine.why({ step: 'back-up', to: join(folder, 'b') })).toBe('done');
    expect(readBackup(join(folder, 'b')).manifest.recordKey).toBe(mine.keys.record.publicKey);
  });

  it.skipIf(disk === null)('keys are made whole or not at all', async () => {
    mkdirSync(join(folder, 'signer'));
    disk?.fill();
    expect(await mine.why({ step: 'create', folder: join(folder, 'signer') })).toMatch(
      /disk full|cannot be written/,
    );
    expect(readdirSync(join(folder, 'signer'))).toEqual([]);
    disk?.free();
    expect(await mine.why({ step: 'create', folder: join(folder, 'signer') })).toBe('done');
  });
});
