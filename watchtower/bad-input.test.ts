import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LTC, watchtowerRoutes, type Wallet } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { jsonText } from '@kuramori/program';
import { createHash } from 'node:crypto';
import { keepers } from '../core/testing/house.ts';
import { runProgram } from '../program/testing/run.ts';
import { send } from '../program/testing/send.ts';
import { desk, payment, policy, recorded } from '../signers/testing/desk.ts';
import { policyFile } from '../signers/testing/program.ts';
import { cold as onLitecoin } from '../signers/testing/bitcoin.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-watchtower-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFileSync(at(name), text, { mode: 0o600 });

const config = {
  listen: { socket: at('socket') },
  key: at('key'),
  archive: at('archive.jsonl'),
  frozen: at('frozen.json'),
  incident: at('incident.jsonl'),
  policy: at('policy.json'),
  keepers: { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 },
  chains: {
    nem: {
      nodes: ['http://127.0.0.1:9', 'http://127.0.0.1:10'],
      watchFrom: 1,
      pollMs: 100,
      tipAgeSeconds: 600,
      deadMarginSeconds: 600,
    },
  },
  signers: ['signer-1', 'signer-2'].map((id) => ({ id, at: { socket: at(id) } })),
  clock: { kind: 'system' },
  silenceMs: 1_000,
  evacuates: true,
  webhooks: [],
};
/** A cold wallet beside the others, on another chain. */
const withLitecoin = { ...policy, wallets: [...policy.wallets, { ...onLitecoin, id: 'cold-ltc' }] };
const onEthereum: Wallet = {
  id: 'cold-eth',
  role: 'cold',
  chain: 'ethereum',
  address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  threshold: 2,
  cosigners: [
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ].map((publicKey) => ({ publicKey, signer: null })),
  evacuateTo: null,
};
const safe = {
  codeHash: 'ab'.repeat(32),
  singleton: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  guard: '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  moduleGuard: '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  fallbackHandler: `0x${'0'.repeat(40)}`,
};
const ethereum = {
  nodes: ['http://127.0.0.1:13', 'http://127.0.0.1:14'],
  watchFrom: 1,
  safes: { [onEthereum.address]: safe },
  relayers: [{ socket: at('relayer') }],
};
const withEthereum = { ...policy, wallets: [...policy.wallets, onEthereum] };

/** The key that the test's policy pins. */
const seed = createHash('sha256').update('test tower 1').digest('hex');

function whole(): void {
  for (const name of ['archive.jsonl', 'frozen.json', 'incident.jsonl']) rmSync(at(name), { force: true });
  write('config.json', JSON.stringify(config));
  write('key', `${seed}\n`);
  chmodSync(at('key'), 0o600);
  write('policy.json', policyFile(policy));
}

const change = (more: object) => () => write('config.json', JSON.stringify({ ...config, ...more }));
const changeNem = (more: object) => change({ chains: { nem: { ...config.chains.nem, ...more } } });
const litecoin = {
  nodes: [{ url: 'http://127.0.0.1:11' }, { url: 'http://127.0.0.1:12' }],
  watchFrom: 1,
};
const changeLitecoin = (more: object) => () => {
  write('policy.json', policyFile(withLitecoin));
  change({ chains: { ...config.chains, litecoin: { ...litecoin, ...more } } })();
};

const changeEthereum =
  (more: object, under = withEthereum) =>
  () => {
    write('policy.json', policyFile(under));
    change({ chains: { ...config.chains, ethereum: { ...ethereum, ...more } } })();
  };
const changeSafe = (more: object) =>
  changeEthereum({ safes: { [onEthereum.address]: { ...safe, ...more } } });
/** Of two whose keys are online: it must be possible to send it home. */
const hotOnEthereum = {
  ...withEthereum,
  signers: [
    ...withEthereum.signers,
    ...['signer-3', 'signer-4'].map((id, index) => ({ id, recordKey: `${index + 5}`.repeat(64) })),
  ],
  wallets: [
    ...withEthereum.wallets,
    {
      ...onEthereum,
      id: 'hot-eth',
      role: 'hot' as const,
      address: '0x52908400098527886E0F7030069857D2E4169EE7',
      evacuateTo: 'cold-eth',
      cosigners: [
        '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
        '0xde709f2102306220921060314715629080e2fb77',
        '0x27b1fdb04752bbc536007a920d24acb045561c26',
      ].map((publicKey, index) => ({ publicKey, signer: index < 2 ? `signer-${index + 3}` : null })),
    },
  ],
};

const spoilt: readonly (readonly [what: string, line: RegExp, spoil: () => void])[] = [
  [
    'one node only: nothing to compare',
    /config\.json: chains\.nem\.nodes: /,
    changeNem({ nodes: config.chains.nem.nodes.slice(1) }),
  ],
  [
    'a digest that is none',
    /config\.json: release\.cosigner\.0: must be 32 bytes as lower-case hex/,
    change({ release: { cosigner: ['abc'] } }),
  ],
  [
    'pushes of a node that is none of its own',
    /config\.json: chains\.nem\.pushes\.0\.node: must be one of `nodes`/,
    changeNem({ pushes: [{ node: 'http://127.0.0.1:11', at: 'ws://127.0.0.1:9/w/messages/websocket' }] }),
  ],
  [
    'pushes of one node twice',
    /config\.json: chains\.nem\.pushes\.1\.node: is there twice/,
    changeNem({
      pushes: [9, 10].map((port) => ({ node: 'http://127.0.0.1:9', at: `ws://127.0.0.1:${port}/` })),
    }),
  ],
  [
    'pushes by something else than a WebSocket',
    /config\.json: chains\.nem\.pushes\.0\.at: must be ws:/,
    changeNem({ pushes: [{ node: 'http://127.0.0.1:9', at: 'http://127.0.0.1:9/w/messages/websocket' }] }),
  ],
  [
    'a node that is no URL',
    /config\.json: chains\.nem\.nodes\.0: /,
    changeNem({ nodes: ['node', 'http://127.0.0.1:9'] }),
  ],
  [
    'a signer of whom it does not know where it listens',
    /config\.json: signers: does not say where signer-2 listens/,
    change({ signers: config.signers.slice(0, 1) }),
  ],
  [
    'a driven clock that is not there',
    /config\.json: .*is not there|config\.json: .*clock/,
    change({ clock: { kind: 'driven', file: at('none') } }),
  ],
  ['a poll of nothing', /config\.json: chains\.nem\.pollMs: /, changeNem({ pollMs: 0 })],
  [
    'a webhook whose secret is none',
    /webhooks\.0\.secretFile: must hold whsec_/,
    () => {
      write('hook', 'whsec_???\n');
      change({ webhooks: [{ url: 'http://127.0.0.1:9', secretFile: at('hook') }] })();
    },
  ],
  ['a key that others may read', /key: others may read this secret/, () => chmodSync(at('key'), 0o640)],
  ['a key that is none', /key: must be 32 bytes as lower-case hex/, () => write('key', 'secret\n')],
  [
    'a key that the policy does not pin',
    /policy\.json: watchtowers\.keys: does not pin/,
    () => write('key', `${'ab'.repeat(32)}\n`),
  ],
  [
    'a wallet of a chain that has no nodes',
    /config\.json: chains\.litecoin: is not there, and version 1 of the policy has the wallet cold-ltc on it: say by which nodes/,
    () => write('policy.json', policyFile(withLitecoin)),
  ],
  [
    'a Safe, and no nodes of its chain',
    /config\.json: chains\.ethereum: is not there, and version 1 of the policy has the wallet cold-eth on it/,
    () => write('policy.json', policyFile(withEthereum)),
  ],
  [
    'one node of Ethereum',
    /config\.json: chains\.ethereum\.nodes: /,
    changeEthereum({ nodes: ethereum.nodes.slice(1) }),
  ],
  [
    'one node of Ethereum twice',
    /config\.json: chains\.ethereum\.nodes\.1: is there twice/,
    changeEthereum({ nodes: [ethereum.nodes[0], ethereum.nodes[0]] }),
  ],
  [
    'a node of Ethereum whose user stands in its URL',
    /config\.json: chains\.ethereum\.nodes\.0: must be http:\/\/host:port, without a user/,
    changeEthereum({ nodes: ['http://user:word@127.0.0.1:13', ethereum.nodes[1]] }),
  ],
  [
    'a Safe of which nobody says how it was made',
    /chains\.ethereum\.safes: says nothing of 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, the Safe of cold-eth/,
    changeEthereum({ safes: {} }),
  ],
  [
    'a Safe’s guard mistyped',
    /config\.json: chains\.ethereum\.safes\.0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\.guard: must be an address/,
    changeSafe({ guard: '0xdbf03B407c01E7cD3CBea99509d93f8DDDC8C6FB' }),
  ],
  [
    'a Safe without its guard’s line',
    /config\.json: chains\.ethereum\.safes\.0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\.guard: /,
    changeSafe({ guard: undefined }),
  ],
  [
    'a hot Safe whose coins nobody carries home',
    /chains\.ethereum\.relayers: is empty, and the policy has the hot wallet hot-eth/,
    () => {
      const address = '0x52908400098527886E0F7030069857D2E4169EE7';
      changeEthereum({ relayers: [], safes: { ...ethereum.safes, [address]: safe } }, hotOnEthereum)();
      const signers = ['signer-1', 'signer-2', 'signer-3', 'signer-4'];
      change({
        chains: {
          ...config.chains,
          ethereum: { ...ethereum, relayers: [], safes: { ...ethereum.safes, [address]: safe } },
        },
        signers: signers.map((id) => ({ id, at: { socket: at(id) } })),
      })();
    },
  ],
  [
    'a relayer by two ways at once',
    /config\.json: chains\.ethereum\.relayers\.0: give one of/,
    changeEthereum({
      relayers: [{ socket: at('relayer'), tls: { host: 'relayer', port: 1, certificates: ['a'] } }],
    }),
  ],
  [
    'a relayer on another host, and nobody who this watchtower is',
    /config\.json: identity: is needed, since chains\.ethereum\.relayers\.0 says tls/,
    changeEthereum({ relayers: [{ tls: { host: 'relayer', port: 1, certificates: [at('none')] } }] }),
  ],
  [
    'nodes of a chain without a wallet',
    /config\.json: chains\.litecoin: the policy has no wallet on it/,
    change({ chains: { ...config.chains, litecoin } }),
  ],
  [
    'one node of Litecoin',
    /config\.json: chains\.litecoin\.nodes: /,
    changeLitecoin({ nodes: litecoin.nodes.slice(1) }),
  ],
  [
    'one node of Litecoin twice',
    /config\.json: chains\.litecoin\.nodes\.1\.url: is there twice/,
    changeLitecoin({ nodes: [litecoin.nodes[0], litecoin.nodes[0]] }),
  ],
  [
    'a node of Litecoin whose user stands in its URL',
    /config\.json: chains\.litecoin\.nodes\.0\.url: must be http/,
    changeLitecoin({ nodes: [{ url: 'http://user:word@127.0.0.1:11' }, litecoin.nodes[1]] }),
  ],
  [
    'a password of a node that others may read',
    /rpc: others may read this secret/,
    () => {
      write('rpc', 'user:word\n');
      chmodSync(at('rpc'), 0o644);
      changeLitecoin({ nodes: litecoin.nodes.map((node) => ({ ...node, credentialsFile: at('rpc') })) })();
    },
  ],
  [
    'a file of a password that is none',
    /rpc: must hold user:password/,
    () => {
      rmSync(at('rpc'), { force: true });
      write('rpc', 'word\n');
      changeLitecoin({ nodes: litecoin.nodes.map((node) => ({ ...node, credentialsFile: at('rpc') })) })();
    },
  ],
  [
    'a wallet of Litecoin that held something before its blocks are read',
    /cold-ltc: opening: coins that came before/,
    () => {
      changeLitecoin({})();
      const opened = { ...onLitecoin, id: 'cold-ltc', opening: [{ asset: LTC, units: 5n }] };
      write('policy.json', policyFile({ ...policy, wallets: [...policy.wallets, opened] }));
    },
  ],
  [
    'blocks that end nothing',
    /config\.json: chains\.litecoin\.deadDepth: /,
    changeLitecoin({ deadDepth: 0 }),
  ],
  [
    'a policy that nobody signed',
    /policy\.json: signatures: 0 of the 2/,
    () => write('policy.json', policyFile(policy, [])),
  ],
  [
    'a cold address mistyped',
    /policy\.json: version 1: wallets\.1\.address: /,
    () =>
      write(
        'policy.json',
        policyFile({
          ...policy,
          wallets: policy.wallets.map((wallet, index) =>
            index === 1 ? { ...wallet, address: 'TCOLD' } : wallet,
          ),
        }),
      ),
  ],
  [
    'a damaged archive',
    /archive\.jsonl: line 1 is damaged: restore the file from its backup/,
    () => write('archive.jsonl', '{}\n'),
  ],
  ['a damaged freeze', /frozen\.json: is damaged: somebody froze/, () => write('frozen.json', '')],
];

describe('the watchtower’s program: one line that names file and field, code 1, and nothing is served', () => {
  it.each(spoilt)('%s', async (_what, line, spoil) => {
    whole();
    spoil();
    const { code, out, lines } = await runProgram('watchtower/main.ts', at('config.json'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(lines.length, lines.join('\n')).toBe(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toContain(seed);
  });
});

describe('a watchtower that starts before its nodes and signers', () => {
  it('says that it is blind, refuses, outlives a caller that wants it dead, and stops cleanly', async () => {
    whole();
    changeLitecoin({})();
    const entry = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
    const child = spawn(process.execPath, [entry, at('config.json')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const status = await call(config.listen, watchtowerRoutes.status, {});
    expect(status).toMatchObject({
      kind: 'status',
      chains: ['nem', 'litecoin'].map((chain) => ({ chain, blind: expect.any(String) as string })),
      frozen: null,
    });
    const fact = await call(config.listen, watchtowerRoutes.fact, {
      wallet: 'hot',
      nonces: ['0'.repeat(32)],
    });
    expect(fact).toMatchObject({ kind: 'refused', why: 'blind' });
    expect(
      await call(config.listen, watchtowerRoutes.fact, { wallet: 'cold-ltc', nonces: ['0'.repeat(32)] }),
    ).toMatchObject({ kind: 'refused', why: 'blind' });

    using d = desk();
    const { signer } = d.start();
    const record = recorded(signer.propose(payment(signer)));
    expect(await call(config.listen, watchtowerRoutes.countersign, record)).toMatchObject({
      why: expect.stringMatching(/blind|policy/) as string,
    });
    const text = jsonText(record);
    for (const hostile of [
      // Before the signature is looked at, the entry is hashed.
      text.replace('"memo":""', '"memo":"\\ud800"'),
      text.replace('"wallet":"hot"', '"wallet":"\\udfff"'),
      text.replace(/"at":\d+/, '"at":-0'),
      text.replace(/"created":\d+/, '"created":9007199254740991'),
      text.replace(/"seq":\d+/, '"seq":9007199254740991'),
    ]) {
      expect(hostile).not.toBe(text);
      expect([200, 400]).toContain((await send(config.listen.socket, '/v1/countersign', hostile)).status);
    }
    expect((await call(config.listen, watchtowerRoutes.status, {})).kind).toBe('status');
    const code = new Promise((resolve) => child.on('exit', resolve));
    child.kill();
    expect(await code).toBe(0);
  });
});
