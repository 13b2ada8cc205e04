/** Whom a signer believes stands in its pins: whoever edits them, or has a second first policy signed by the same keepers, gets nowhere. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalText, policyDigest, signStatement, type Plain, type Policy } from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { keepers, keyNamed, thief } from '../core/testing/house.ts';
import { runProgram } from '../program/testing/run.ts';
import { confirms } from './ceremony/fingerprint.ts';
import { readPinned, signPins, type Pins } from './pins.ts';
import { site, stepsIn } from './testing/ceremonies.ts';
import { pinsOf } from './testing/made.ts';
import { policyFile, program } from './testing/program.ts';

const one = program();
const ceremony = site();
afterAll(() => {
  one[Symbol.dispose]();
  ceremony[Symbol.dispose]();
});

const thiefs: Policy['keepers'] = { quorum: 1, people: [{ name: 'thief', key: thief.publicKey }] };
/** A first policy that the same keepers signed as well: another house. */
const secondGenesis = (of: Policy): Policy => ({ ...of, issued: of.issued + 1 });
const after = (of: Policy): Policy => ({ ...of, version: 2, prev: policyDigest(of), keyDelay: 7 });
const bundles = (...of: readonly Policy[]) =>
  canonicalText({
    bundles: of.map((policy) => ({
      policy: policy as unknown as Plain,
      signatures: keepers.map((key) => ({
        keeper: key.publicKey,
        signature: signStatement(key, 'policy', policy),
      })),
    })),
  });

describe('a co-signer does not start', () => {
  const mine = () => pinsOf(one.policy.signers[0]?.recordKey ?? '', one.policy);
  const pins = (change: Partial<Pins>, by = keyNamed('nobody')) =>
    jsonText(signPins(by, { ...mine(), ...change }));
  const wrong: readonly (readonly [what: string, line: RegExp, spoil: () => void])[] = [
    [
      'with a thief’s keeper, the signature left as it was',
      /pins\.json: signature: is not this signer’s/,
      () => {
        const text = pinsText.replace(keepers[0].publicKey, thief.publicKey);
        one.write('pins.json', text);
        one.write('policy.json', policyFile({ ...one.policy, keepers: thiefs }, [thief]));
      },
    ],
    [
      'with a quorum of one',
      /pins\.json: signature: is not this signer’s/,
      () => one.write('pins.json', pinsText.replace('"quorum":2', '"quorum":1')),
    ],
    [
      'with pins that a thief signed',
      /pins\.json: signature: is not this signer’s/,
      () => one.write('pins.json', pins({ keys: [thief.publicKey], quorum: 1 }, thief)),
    ],
    [
      'with another signer’s pins',
      /pins\.json: recordKey: is another signer’s/,
      () => one.write('pins.json', pins({ recordKey: thief.publicKey }, thief)),
    ],
    [
      'with a second first version that the same keepers signed',
      /policy\.json: the first version: is [0-9a-f]{64}, and [0-9a-f]{64} is pinned: this is another line, whoever signed it/,
      () => one.write('policy.json', policyFile(secondGenesis(one.policy))),
    ],
  ];
  let pinsText = '';
  beforeEach(() => {
    one.write('policy.json', policyFile(one.policy));
    one.pin(one.policy);
    pinsText = one.read('pins.json');
  });

  it.each(wrong)('%s', async (_what, line, spoil) => {
    spoil();
    const { code, out, lines } = await runProgram('signers/cosigner/main.ts', one.at('config.json'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(lines).toEqual([expect.stringMatching(line)]);
  });
});

describe('a policy file', () => {
  const { policy } = ceremony;
  const second = after(policy);
  const seenSecond = { ...pinsOf('a'.repeat(64), policy), seen: policyDigest(second) };
  const why = (text: string, pins: Pins = seenSecond) => {
    const read = readPinned(JSON.parse(text), pins);
    return read.kind === 'refused' ? `${read.field}: ${read.why}` : 'read';
  };

  it('from before the version that was seen when it was pinned is none of ours', () => {
    expect(why(bundles(policy, second))).toBe('read');
    expect(why(bundles(policy))).toMatch(/^the newest version: .* is not in this file: it is an older one/);
    expect(why(bundles(policy, { ...second, keyDelay: 8 }))).toMatch(/older one/);
  });

  it('of a second line is refused with every version of it', () => {
    const other = secondGenesis(policy);
    expect(why(bundles(other, after(other)))).toMatch(/^the first version: .* another line/);
  });
});

describe('pinning', () => {
  beforeEach(() => ceremony.anew());

  it('is done once a digest is typed that was not on the screen, and written down', async () => {
    const { code, out, err } = ceremony.run({ step: 'pin' });
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(JSON.parse(out)).toMatchObject({ ready: true, step: 'pin' });
    expect(stepsIn(ceremony.at('signer/ceremony.jsonl'))).toEqual(['create done', 'pin done']);
  });

  it('shows whom the policy names, in words and in full, and not its digest', () => {
    const { err, code } = ceremony.run({ step: 'pin', confirm: undefined });
    const { policy } = ceremony;
    for (const { address } of policy.wallets) expect(err).toContain(address);
    for (const word of [
      'keeper-1',
      'keeper-2',
      '2 of these 2',
      'exchange-1',
      'key-1',
      'watchtowers',
      'cold',
      'signer-1',
    ])
      expect(err).toContain(word);
    expect(err).toContain('type the first 20 digits');
    expect(err.replaceAll(' ', '')).not.toContain(policyDigest(policy).slice(0, 20));
    // Nobody was there to type.
    expect(code).toBe(1);
  });

  const digest = policyDigest(ceremony.policy);
  it.each([
    ['nothing', ''],
    ['19 digits', digest.slice(0, 19)],
    ['another digest', policyDigest(secondGenesis(ceremony.policy))],
    ['the digest and more', `${digest}0`],
  ])('with %s typed is refused, and that is written down', async (_what, confirm) => {
    expect(await ceremony.why({ step: 'pin', confirm })).toMatch(/not the one whose digest was typed/);
    expect(ceremony.files('signer')).not.toContain('pins.json');
    expect(stepsIn(ceremony.at('signer/ceremony.jsonl'))).toEqual(['create done', 'pin refused']);
  });

  it('takes the digest in groups, as it is read aloud', () => {
    expect(confirms(digest.slice(0, 20).replaceAll(/.{4}/g, '$& ').toUpperCase(), digest)).toBe(true);
  });

  it('of the very same is taken, of anything else refused', async () => {
    await ceremony.hold({ step: 'pin' });
    expect(await ceremony.why({ step: 'pin' })).toBe('done');
    const other = secondGenesis(ceremony.policy);
    writeFileSync(ceremony.at('policy.json'), policyFile(other));
    expect(await ceremony.why({ step: 'pin', confirm: policyDigest(other) })).toMatch(/pins are final/);
    writeFileSync(ceremony.at('policy.json'), bundles(ceremony.policy, after(ceremony.policy)));
    expect(await ceremony.why({ step: 'pin', confirm: policyDigest(after(ceremony.policy)) })).toMatch(
      /pins are final/,
    );
  });

  it('of a policy that names none of its keys, that its keepers did not sign, or of a wrong address is refused', async () => {
    const tried = async (of: Policy, by?: Parameters<typeof policyFile>[1]) => {
      writeFileSync(ceremony.at('policy.json'), policyFile(of, by));
      return ceremony.why({ step: 'pin', confirm: policyDigest(of) });
    };
    const { policy } = ceremony;
    const stranger: Policy = {
      ...policy,
      signers: policy.signers.map((one_) => ({ ...one_, recordKey: keyNamed(one_.id).publicKey })),
      wallets: policy.wallets.map((wallet) => ({
        ...wallet,
        cosigners: wallet.cosigners.map((one_) =>
          one_.publicKey === ceremony.keys.chainKey ? { ...one_, publicKey: 'a'.repeat(64) } : one_,
        ),
      })),
    };
    expect(await tried(stranger)).toMatch(/names neither the record key/);
    // As after a recovery from paper: the chain key is the old one, and the record key nobody has named yet.
    const before: Policy = { ...policy, signers: stranger.signers };
    expect(await tried(before)).toMatch(
      /names this chain key as signer-1’s, and nowhere the record key [0-9a-f]{64}: .* the keepers must name this record key under a new name first/,
    );
    expect(await tried(policy, [keepers[0]])).toMatch(/signatures: 1 of the 2/);
    expect(await tried({ ...policy, version: 2, prev: 'a'.repeat(64) })).toMatch(/begins with version 2/);
    const [hot, cold] = policy.wallets as [Policy['wallets'][number], Policy['wallets'][number]];
    expect(
      await tried({ ...policy, wallets: [hot, { ...cold, address: `${cold.address.slice(0, -1)}A` }] }),
    ).toMatch(/wallets\.1\.address: is not the testnet address/);
  });
});
