/** NEM's key is wrapped by a key that never leaves the HSM: the file and passphrase alone are useless, and so is the HSM alone. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command } from '../ceremony/command.ts';
import { hold } from '../ceremony/hold.ts';
import { openKeystore, originOf, unlock, type Keys } from '../keystore.ts';
import { makeWrapped } from '../making.ts';
import { open, sign } from '../testing/caller.ts';
import { pin, present, writeTranscript } from '../testing/made.ts';
import { policyFile, program, start } from '../testing/program.ts';
import { hasSoftHsm, softHsm, type SoftHsm } from '../testing/softhsm.ts';
import { askHsm } from './ask.ts';

const passphrase = () => Buffer.from('correct horse');

describe.skipIf(!hasSoftHsm())('a keystore that is wrapped by SoftHSM (Debian: softhsm2)', () => {
  let hsm: SoftHsm;
  let child: ChildProcess;
  let file: string;
  let keys: Keys;
  let made: { readonly recordKey: string; readonly chainKey: string };
  beforeAll(async () => {
    hsm = softHsm();
    hsm.make('wrapping', 'wrap-1');
    hsm.make('wrapping', 'wrap-2');
    ({ child } = await hsm.start());
    file = join(hsm.folder, 'keystore.json');
    keys = await makeWrapped(file, passphrase(), askHsm(hsm.socket), 'wrap-1');
    made = { recordKey: keys.record.publicKey, chainKey: keys.chainKey };
  });
  afterAll(() => {
    child?.kill();
    hsm?.[Symbol.dispose]();
  });

  it('opens with file, passphrase and HSM together', async () => {
    const opened = await unlock(file, passphrase(), askHsm(hsm.socket));
    expect({ recordKey: opened.record.publicKey, chainKey: opened.chainKey }).toEqual(made);
  });

  it('goes onto paper with all three, and not without the HSM', async () => {
    const { entropy, language } = await originOf(file, passphrase(), askHsm(hsm.socket));
    expect(entropy).toHaveLength(32);
    expect(language).toBe('english');
    await expect(originOf(file, passphrase(), null)).rejects.toThrow(/is wrapped/);
  });

  it('the file and the passphrase without the HSM open nothing', async () => {
    expect(() => openKeystore(file, passphrase())).toThrow(/is wrapped by the key wrap-1 of an HSM/);
    await expect(unlock(file, passphrase(), null)).rejects.toThrow(/is wrapped/);
    // As if it were not wrapped.
    const { wrapped: _, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const bare = join(hsm.folder, 'bare.json');
    writeFileSync(bare, JSON.stringify(rest));
    expect(() => openKeystore(bare, passphrase())).toThrow(/does not open/);
    await expect(unlock(file, passphrase(), askHsm(join(hsm.folder, 'no-socket')))).rejects.toThrow(
      /no-socket/,
    );
  });

  it('the file and the HSM without the passphrase open nothing', async () => {
    await expect(unlock(file, Buffer.from('guess'), askHsm(hsm.socket))).rejects.toThrow(/does not open/);
  });

  it('another token, another key of this one, or an altered file unwraps nothing', async () => {
    const store = JSON.parse(readFileSync(file, 'utf8')) as { sealed: string };
    const altered = join(hsm.folder, 'altered.json');
    for (const [change, line] of [
      [{ wrapped: { by: 'hsm', key: 'wrap-2' } }, /damaged, or not wrapped by wrap-2/],
      [{ wrapped: { by: 'hsm', key: 'wrap-3' } }, /holds no key wrap-3: make it first/],
      [{ chainKey: '0'.repeat(64) }, /damaged, or not wrapped by wrap-1/],
      [
        { sealed: `${store.sealed.startsWith('0') ? '1' : '0'}${store.sealed.slice(1)}` },
        /damaged, or not wrapped by wrap-1/,
      ],
    ] as const) {
      writeFileSync(altered, JSON.stringify({ ...store, ...change }));
      await expect(unlock(altered, passphrase(), askHsm(hsm.socket))).rejects.toThrow(line);
    }
    using other = softHsm();
    other.make('wrapping', 'wrap-1');
    const running = await other.start();
    await expect(unlock(file, passphrase(), askHsm(other.socket))).rejects.toThrow(/not wrapped by wrap-1/);
    const gone = once(running.child, 'close');
    running.child.kill();
    expect(await gone).toEqual([0, null]);
  });

  it('a ceremony makes, saves and restores such keys, and no step opens them without the HSM', async () => {
    const [folder, backup, again] = ['made', 'backup', 'again'].map((name) => {
      const path = join(hsm.folder, name);
      mkdirSync(path);
      return path;
    });
    const socket = { socket: hsm.socket };
    const held = (asked: object) => hold(Command.parse({ present, ...asked }), () => {});
    const { recordKey } = await held({ step: 'create', folder, hsm: { ...socket, key: 'wrap-1' } });
    await expect(held({ step: 'back-up', folder, to: backup })).rejects.toThrow(
      /is wrapped by the key wrap-1/,
    );
    await held({ step: 'back-up', folder, to: backup, hsm: socket });
    const restore = {
      step: 'restore',
      folder: again,
      from: backup,
      passphrase: join(folder ?? '', 'passphrase'),
    };
    await expect(held(restore)).rejects.toThrow(/is wrapped by the key wrap-1/);
    expect(await held({ ...restore, hsm: socket })).toMatchObject({ recordKey });
    await expect(held({ step: 'retire', folder, althoughNamed: false, confirm: recordKey })).rejects.toThrow(
      /is wrapped/,
    );
    await held({ step: 'retire', folder, althoughNamed: false, confirm: recordKey, hsm: socket });
  });

  it('a co-signer starts by it and signs; without it, it says whom it waited for', async () => {
    using one = program();
    const mine = { ...one.policy };
    const wallets = mine.wallets.map((wallet) => ({
      ...wallet,
      cosigners: wallet.cosigners.map((cosigner) =>
        cosigner.signer === 'signer-1' ? { ...cosigner, publicKey: made.chainKey } : cosigner,
      ),
    }));
    const signers = mine.signers.map((signer) =>
      signer.id === 'signer-1' ? { ...signer, recordKey: made.recordKey } : signer,
    );
    one.write('policy.json', policyFile({ ...mine, wallets, signers }));
    writeTranscript(hsm.folder, keys);
    pin(hsm.folder, keys, { ...mine, wallets, signers });
    const config = { ...one.config, keystore: file };
    one.write('config.json', JSON.stringify(config));
    await expect(start(one)).rejects.toThrow(/wrapped by the key wrap-1 of an HSM: give its socket/);
    one.write('config.json', JSON.stringify({ ...config, hsm: { socket: hsm.socket } }));
    const started = await start(one);
    const wrapped = { ...one, policy: { ...mine, wallets, signers }, chainKey: made.chainKey };
    await open(wrapped);
    expect(await sign(wrapped, 1)).toMatchObject({ kind: 'signed' });
    started.child.kill();
    await started.ended;
  });
});
