import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program/testing/run.ts';
import { keepers, thief } from '../core/testing/house.ts';
import type { Policy } from '@kuramori/core';
import { policyFile, program, type Program } from './testing/program.ts';

const one = program();
afterAll(() => one[Symbol.dispose]());
const [keystore = '', transcript = '', pins = ''] = ['keystore.json', 'ceremony.jsonl', 'pins.json'].map(
  (name) => readFileSync(one.at(name), 'utf8'),
);
const [hot, cold] = one.policy.wallets as [Policy['wallets'][number], Policy['wallets'][number]];

function whole(): void {
  one.write('config.json', JSON.stringify(one.config));
  one.write('keystore.json', keystore);
  one.write('policy.json', policyFile(one.policy));
  one.pin(one.policy);
  one.write('ceremony.jsonl', transcript);
  one.write('passphrase', 'correct horse\n');
  chmodSync(one.at('passphrase'), 0o600);
  rmSync(one.at('journal.jsonl'), { force: true });
}

const config =
  (change: object) =>
  ({ write }: Program) =>
    write('config.json', JSON.stringify({ ...one.config, ...change }));
const policy =
  (of: Policy, by?: Parameters<typeof policyFile>[1]) =>
  ({ write, pin }: Program) => {
    write('policy.json', policyFile(of, by));
    pin(of);
  };

const spoilt: readonly (readonly [what: string, line: RegExp, spoil: (one: Program) => void])[] = [
  ['a configuration that is no JSON', /config\.json: is not JSON/, ({ write }) => write('config.json', '{')],
  ['a configuration without a journal', /config\.json: journal: /, config({ journal: undefined })],
  ['a member that nobody knows', /config\.json: the whole file: .*"more"/, config({ more: 1 })],
  [
    'keepers in the configuration, which whoever edits it could choose',
    /config\.json: the whole file: .*"keepers"/,
    config({ keepers: { keys: [thief.publicKey], quorum: 1 } }),
  ],
  ['no pins', /pins\.json: is not there/, ({ at }) => rmSync(at('pins.json'))],
  ['half of the pins', /pins\.json: is not JSON/, ({ write }) => write('pins.json', pins.slice(0, 100))],
  [
    'a pinned keeper that is no key',
    /pins\.json: pins\.keys\.0: /,
    ({ write }) => write('pins.json', pins.replace(keepers[0].publicKey, 'x')),
  ],
  ['no transcript', /ceremony\.jsonl: is not there: the making/, ({ at }) => rmSync(at('ceremony.jsonl'))],
  [
    'a transcript that is none',
    /ceremony\.jsonl: line 1: .*this transcript was altered/,
    ({ write }) => write('ceremony.jsonl', '{}\n'),
  ],
  [
    'an id that the policy does not name',
    /policy\.json: signers: pins another record key for signer-9/,
    config({ id: 'signer-9' }),
  ],
  [
    'another signer’s name',
    /policy\.json: signers: pins another record key for signer-2/,
    config({ id: 'signer-2' }),
  ],
  [
    'a socket in no folder',
    /none\/socket: cannot listen here/,
    config({ listen: { socket: one.at('none/socket') } }),
  ],
  [
    'a passphrase that others may read',
    /passphrase: others may read this secret/,
    ({ at }) => chmodSync(at('passphrase'), 0o644),
  ],
  [
    'another passphrase',
    /keystore\.json: does not open: the passphrase is wrong/,
    ({ write }) => write('passphrase', 'wrong\n'),
  ],
  ['no keystore', /keystore\.json: is not there/, ({ at }) => rmSync(at('keystore.json'))],
  [
    'half a keystore',
    /keystore\.json: is not JSON/,
    ({ write }) => write('keystore.json', keystore.slice(0, 100)),
  ],
  [
    'a keystore without its chain key',
    /keystore\.json: chainKey: .*restore/,
    ({ write }) =>
      write('keystore.json', JSON.stringify({ ...(JSON.parse(keystore) as object), chainKey: undefined })),
  ],
  ['no policy', /policy\.json: is not there/, ({ at }) => rmSync(at('policy.json'))],
  ['a policy that nobody signed', /policy\.json: signatures: 0 of the 2/, policy(one.policy, [])],
  [
    'a policy that a stranger signed',
    /policy\.json: signatures: 1 of the 2/,
    policy(one.policy, [keepers[0], thief]),
  ],
  [
    'a policy altered after it was signed',
    /policy\.json: signatures: 0 of the 2/,
    ({ write }) =>
      write('policy.json', policyFile(one.policy).replace('"perPayment":"1000', '"perPayment":"9000')),
  ],
  [
    'a layout that one key breaks',
    /policy\.json: wallets\.0\.threshold: /,
    policy({ ...one.policy, wallets: [{ ...hot, threshold: 3 }, cold] }),
  ],
  [
    'a cold address mistyped',
    /policy\.json: version 1: wallets\.1\.address: is not the testnet address/,
    policy({ ...one.policy, wallets: [hot, { ...cold, address: `${cold.address.slice(0, -1)}A` }] }),
  ],
  [
    'a policy of another network',
    /policy\.json: version 1: wallets\.0\.address: is not the mainnet address/,
    policy({ ...one.policy, network: 'mainnet' }),
  ],
  [
    'a journal that is none',
    /journal\.jsonl: line 1: .*this journal was altered/,
    ({ write }) => write('journal.jsonl', '{}\n'),
  ],
  [
    'a journal that is binary',
    /journal\.jsonl: line 1: .*this journal was altered/,
    ({ at }) => writeFileSync(at('journal.jsonl'), Buffer.from([0xff, 0x0a])),
  ],
];

describe('the co-signer’s program: one line that names file and field, code 1, and nothing is served', () => {
  it.each(spoilt)('%s', async (_what, line, spoil) => {
    whole();
    spoil(one);
    const { code, out, lines } = await runProgram('signers/cosigner/main.ts', one.at('config.json'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(lines.length, lines.join('\n')).toBe(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toContain('correct horse');
  });

  it('no configuration at all: how it is used, and code 2', async () => {
    expect(await runProgram('signers/cosigner/main.ts')).toMatchObject({
      code: 2,
      lines: [expect.stringMatching(/^usage: /) as string],
    });
  });
});

describe('the vault’s program', () => {
  const request = {
    network: 'testnet',
    cosigners: ['a', 'b', 'c'].map((digit) => digit.repeat(64)),
    threshold: 2,
    timeStamp: 100,
    deadline: 200,
  };
  const wrong: readonly (readonly [what: string, line: RegExp, change: object])[] = [
    ['n-of-n', /convert\.json: threshold: must be below/, { threshold: 3 }],
    [
      'a cosigner twice',
      /convert\.json: cosigners: names one twice/,
      { cosigners: ['a', 'a', 'b'].map((digit) => digit.repeat(64)) },
    ],
    ['a cosigner that is no key', /convert\.json: cosigners\.0: /, { cosigners: ['x', 'y', 'z'] }],
    ['a deadline before the time', /convert\.json: deadline: /, { deadline: 100 }],
    ['a deadline that NIS refuses', /convert\.json: deadline: /, { deadline: 100 + 24 * 3600 + 1 }],
    [
      'the account as its own cosigner',
      /convert\.json: cosigners: names the account itself/,
      { cosigners: [...request.cosigners.slice(1), one.chainKey] },
    ],
  ];

  it.each(wrong)('%s: refused, and the key is still there', async (_what, line, change) => {
    whole();
    // Keys that have pinned a policy are no account's.
    rmSync(one.at('pins.json'));
    one.write('convert.json', JSON.stringify({ ...request, ...change }));
    const { code, lines } = await runProgram(
      'signers/vault/main.ts',
      'convert',
      one.folder,
      one.at('convert.json'),
    );
    expect(code).toBe(1);
    expect(lines.length, lines.join('\n')).toBe(1);
    expect(lines[0]).toMatch(line);
    expect(readFileSync(one.at('keystore.json'), 'utf8')).toBe(keystore);
  });
});
