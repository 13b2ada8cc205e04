/** Retired keys are gone: nothing starts, is made, pinned, saved or restored there again; and keys that a policy counts on are not retired by mistake. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalText,
  policyDigest,
  signStatement,
  verifyText,
  type Plain,
  type Policy,
  type SignedCeremony,
  ceremonyHash,
} from '@kuramori/core';
import { keepers, keyNamed } from '../core/testing/house.ts';
import { runProgram } from '../program/testing/run.ts';
import { rolesOf } from './ceremony/roles.ts';
import { openJournal } from './journal.ts';
import { site, stepsIn } from './testing/ceremonies.ts';
import { program } from './testing/program.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
beforeEach(async () => {
  one.anew();
});

const day = 86_400;
/** Names these keys no more: another signer has their place, under a new name; with the same chain key where it was recovered. */
function without(of: Policy, issued: number, chainKey = 'a'.repeat(64)): Policy {
  const gone = one.keys;
  return {
    ...of,
    version: of.version + 1,
    prev: policyDigest(of),
    issued,
    signers: of.signers.map((signer) =>
      signer.recordKey === gone.record.publicKey
        ? { id: 'signer-9', recordKey: keyNamed('record 9').publicKey }
        : signer,
    ),
    wallets: of.wallets.map((wallet) => ({
      ...wallet,
      cosigners: wallet.cosigners.map((cosigner) =>
        cosigner.publicKey === gone.chainKey ? { signer: 'signer-9', publicKey: chainKey } : cosigner,
      ),
    })),
  };
}

function write(...versions: readonly Policy[]): string {
  const bundles = versions.map((policy) => ({
    policy: policy as unknown as Plain,
    signatures: keepers.map((key) => ({
      keeper: key.publicKey,
      signature: signStatement(key, 'policy', policy),
    })),
  }));
  writeFileSync(one.at('newest.json'), canonicalText({ bundles }));
  return one.at('newest.json');
}

describe('keys that a policy names', () => {
  const seconds = Math.floor(Date.now() / 1000);

  beforeEach(() => one.hold({ step: 'pin' }));

  it('are not destroyed, and stay', async () => {
    expect(await one.why({ step: 'retire', policy: one.at('policy.json') })).toMatch(
      /still names these keys \(version 1: signer-1, whose records it signs; version 1: cosigner of hot/,
    );
    expect(one.files('signer')).toContain('keystore.json');
    expect(stepsIn(one.at('signer/ceremony.jsonl')).at(-1)).toBe('retire refused');
  });

  it('nor without a look at the policy, by another line of it, or by an older file than was pinned', async () => {
    expect(await one.why({ step: 'retire' })).toMatch(
      /has pinned a policy: give its newest file with --policy/,
    );
    const other = { ...one.policy, issued: one.policy.issued + 1 };
    expect(await one.why({ step: 'retire', policy: write(other, without(other, 0)) })).toMatch(
      /another line/,
    );
  });

  it('nor while the version that drops them may still wait, as long as every keeper can make it', async () => {
    // A day, and one more for each of two keepers who object.
    const dropped = (days: number) => write(one.policy, without(one.policy, seconds - days * day));
    expect(await one.why({ step: 'retire', policy: dropped(2.9) })).toMatch(/version 1: signer-1/);
    expect(await one.why({ step: 'retire', policy: dropped(3.1) })).toBe('done');
  });

  it('nor while the journal says that it waits', async () => {
    const policy = write(one.policy, without(one.policy, 0));
    openJournal(one.at('signer/journal.jsonl'), 'signer-1', one.keys.record)[Symbol.dispose]();
    expect(await one.why({ step: 'retire', policy })).toMatch(/version 1: signer-1/);
  });

  it('nor where only one role of theirs was taken', async () => {
    const next = without(one.policy, seconds - 4 * day, one.keys.chainKey);
    const [signer9, ...others] = next.signers;
    const kept = { id: 'signer-1', recordKey: one.keys.record.publicKey };
    const still = { ...next, signers: [...others, ...(signer9 ? [signer9] : []), kept] };
    expect(await one.why({ step: 'retire', policy: write(one.policy, still) })).toMatch(
      /still names these keys \(version 2: signer-1, whose records it signs\)/,
    );
    // In a vault, nobody can tell from a policy which of several copies acts.
    const vault = next.wallets.map((wallet) => ({
      ...wallet,
      cosigners: wallet.cosigners.map((key) => (key.signer === 'signer-9' ? { ...key, signer: null } : key)),
    }));
    const { record, chainKey } = one.keys;
    expect(rolesOf({ ...next, wallets: vault }, { recordKey: record.publicKey, chainKey })).toEqual([
      'cosigner of hot, in a vault',
    ]);
  });

  it('are, once another signer acts by the same chain key: one that was recovered from paper', async () => {
    const recovered = (days: number) =>
      write(one.policy, without(one.policy, seconds - days * day, one.keys.chainKey));
    expect(await one.why({ step: 'retire', policy: recovered(2.9) })).toMatch(/version 1: signer-1/);
    expect(await one.why({ step: 'retire', policy: recovered(3.1) })).toBe('done');
    expect(readFileSync(one.at('signer/ceremony.jsonl'), 'utf8')).not.toContain('although named');
  });

  it('are, where people say that they mean it, and that stands in the transcript', async () => {
    const asked = { step: 'retire', policy: one.at('policy.json'), althoughNamed: true } as const;
    expect(await one.why(asked)).toBe('done');
    expect(readFileSync(one.at('signer/ceremony.jsonl'), 'utf8')).toContain('although named');
  });
});

describe('by mistake', () => {
  it.each([
    ['nothing', ''],
    ['too little', one.keys.record.publicKey.slice(0, 19)],
    ['another signer’s key', keyNamed('record 9').publicKey],
  ])('with %s typed nothing is destroyed', async (_what, confirm) => {
    expect(await one.why({ step: 'retire', confirm })).toMatch(/is not the record key of this folder/);
    expect(one.files('signer')).toEqual(['ceremony.jsonl', 'keystore.json', 'passphrase']);
  });
});

describe('a retired folder', () => {
  beforeEach(async () => {
    await one.hold({ step: 'back-up' });
    copyFileSync(one.at('signer/keystore.json'), one.at('kept'));
    await one.hold({ step: 'retire' });
  });

  it('says so with its last signature, holds no key, and names the backups that must go too', async () => {
    const lines = readFileSync(one.at('signer/ceremony.jsonl'), 'utf8').trimEnd().split('\n');
    const { entry, signature } = JSON.parse(lines.at(-1) ?? '') as SignedCeremony;
    expect(entry).toMatchObject({ step: 'retire', outcome: 'done' });
    expect(verifyText(one.keys.record.publicKey, 'ceremony', ceremonyHash(entry), signature ?? '')).toBe(
      true,
    );
    expect(one.files('signer')).toEqual(['ceremony.jsonl']);
    const { what, remember } = await one.hold({ step: 'retire' });
    expect(what).toEqual([{ name: 'backup', value: one.at('backup') }]);
    expect(remember.join('\n')).toMatch(/SSD.*[\s\S]*must be destroyed too/);
  });

  it('takes no key again, not even its own from a backup', async () => {
    expect(await one.why({ step: 'create' })).toMatch(/was retired on .*name another folder/);
    expect(await one.why({ step: 'restore', folder: one.at('signer') })).toMatch(/lives or lived/);
    copyFileSync(one.at('kept'), one.at('signer/keystore.json'));
    writeFileSync(one.at('signer/passphrase'), 'correct horse\n', { mode: 0o600 });
    expect(await one.why({ step: 'pin' })).toMatch(/these keys were retired on/);
    expect(await one.why({ step: 'back-up', to: one.at('new') })).toMatch(/these keys were retired on/);
  });
});

describe('programs', () => {
  it('a co-signer and a vault do not start with retired keys that somebody put back', async () => {
    using cosigner = program();
    const keystore = cosigner.read('keystore.json');
    const asked = {
      step: 'retire',
      folder: cosigner.folder,
      policy: cosigner.at('policy.json'),
      althoughNamed: true,
      confirm: (JSON.parse(keystore) as { recordKey: string }).recordKey,
    } as const;
    await one.hold(asked);
    cosigner.write('keystore.json', keystore);
    cosigner.write('passphrase', 'correct horse\n');
    cosigner.write('request.json', '{}');
    const twoPeople = JSON.stringify({ present: ['Aoi', 'Ren'] });
    for (const args of [
      ['signers/cosigner/main.ts', cosigner.at('config.json')],
      ['signers/vault/main.ts', 'rotate', cosigner.folder, cosigner.at('request.json'), twoPeople],
    ]) {
      const [entry, ...rest] = args;
      const { code, lines } = await runProgram(entry ?? '', ...rest);
      expect(code).toBe(1);
      expect(lines.at(-1)).toMatch(
        /ceremony\.jsonl: these keys were retired on .*: nothing starts here again/,
      );
    }
  });
});
