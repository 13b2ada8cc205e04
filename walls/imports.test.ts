import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isTest, roomOf, trespasses, type SourceFile } from './trespass.ts';
import { rooms } from './rooms.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path !== '' && path.includes('/'));
const files: readonly SourceFile[] = tracked.map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));

describe('the walls of the house', () => {
  it('no file trespasses', () => {
    expect(trespasses(files)).toEqual([]);
  });

  it('has looked: every room has files, and the rooms beside a key have many imports', () => {
    for (const room of Object.keys(rooms))
      expect(
        files.filter(({ path }) => roomOf(path) === room && !isTest(path)),
        room,
      ).not.toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });

  it('a package.json names exactly the packages that its room uses', () => {
    for (const room of [
      'core',
      'program',
      'chains',
      'ledger',
      'custody',
      'signers',
      'watchtower',
      'relayer',
      'tracer',
      'console',
      'sandbox',
      'cli',
    ]) {
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      const allowed = new Set(
        Object.entries(rooms)
          .filter(([folder]) => folder.split('/')[0] === room)
          .flatMap(([, { packages, rooms: others }]) => [
            ...packages,
            ...others.map((other) => other.split('/').slice(0, 2).join('/')),
          ]),
      );
      allowed.delete(`@kuramori/${room}`);
      expect(Object.keys(dependencies).sort(), room).toEqual([...allowed].sort());
    }
  });
});

/** Each a violation that the test above must see. */
const planted: readonly (readonly [name: string, path: string, text: string, what: string])[] = [
  [
    'a codec that opens a socket',
    'chains/nem/codec/planted.ts',
    "import { connect } from 'node:net';\nconnect(1);",
    'imports node:net',
  ],
  [
    'a codec that asks a node through its neighbour',
    'chains/nem/codec/planted.ts',
    "export { nemNode } from '../node/index.ts';",
    'reaches out of its room into chains/nem/node/index.ts',
  ],
  [
    'Ethereum’s codec asking a server what its bytes mean',
    'chains/ethereum/codec/planted.ts',
    "export { createPublicClient } from 'viem';",
    'imports viem',
  ],
  [
    'Ethereum’s codec reaching a node through its neighbour',
    'chains/ethereum/codec/planted.ts',
    "export { startAnvil } from '../testing/anvil.ts';",
    'reaches out of its room into chains/ethereum/testing/anvil.ts',
  ],
  [
    'a co-signer that speaks HTTP',
    'signers/cosigner/planted.ts',
    "import { request } from 'node:http';\nrequest('x');",
    'imports node:http',
  ],
  [
    'a co-signer that asks a node',
    'signers/cosigner/planted.ts',
    "import { nemNode } from '@kuramori/chains/nem/node';\nnemNode;",
    'imports @kuramori/chains/nem/node',
  ],
  [
    'a co-signer that reads words',
    'signers/cosigner/planted.ts',
    "import { mnemonicToEntropy } from '@scure/bip39';\nmnemonicToEntropy;",
    'imports @scure/bip39',
  ],
  [
    'a co-signer that fetches',
    'signers/cosigner/planted.ts',
    "export const x = () => fetch('http://127.0.0.1');",
    'uses the global fetch',
  ],
  [
    'a co-signer that reads the environment',
    'signers/planted.ts',
    'export const key = process.env;',
    'uses the global process',
  ],
  [
    'a co-signer that reads the books',
    'signers/planted.ts',
    "export * from '@kuramori/ledger';",
    'imports @kuramori/ledger',
  ],
  [
    'a custody that holds a keystore',
    'custody/planted.ts',
    "import { openKeystore } from '@kuramori/signers';\nopenKeystore;",
    'imports @kuramori/signers',
  ],
  [
    'a custody that reaches into the signers by a path',
    'custody/planted.ts',
    "import { sign } from '../signers/sign.ts';\nsign;",
    'reaches into signers/sign.ts by a relative path',
  ],
  [
    'a core that reads the clock',
    'core/planted.ts',
    'export const now = () => Date.now();',
    'uses the global Date',
  ],
  [
    'a core that reads files',
    'core/planted.ts',
    "import { readFileSync } from 'node:fs';\nreadFileSync;",
    'imports node:fs',
  ],
  [
    'a core that hides its reach behind globalThis',
    'core/planted.ts',
    "export const x = globalThis['fetch'];",
    'uses the global globalThis',
  ],
  [
    'a pager that freezes',
    'watchtower/pager/planted.ts',
    "export { openFreezer } from '../frozen.ts';",
    'reaches out of its room into watchtower/frozen.ts',
  ],
  [
    'a pager that asks the chain',
    'watchtower/pager/planted.ts',
    "import { nemNode } from '@kuramori/chains/nem/node';\nnemNode;",
    'imports @kuramori/chains/nem/node',
  ],
  [
    'a relayer that holds an owner’s key',
    'relayer/planted.ts',
    "import { unlock } from '@kuramori/signers';\nunlock;",
    'imports @kuramori/signers',
  ],
  ['a relayer that reads the books', 'relayer/planted.ts', "import pg from 'pg';\npg;", 'imports pg'],
  [
    'a node’s client that lets a library read its replies',
    'chains/ethereum/node/planted.ts',
    "export { createPublicClient } from 'viem';",
    'imports viem',
  ],
  ['a watchtower that reads the books', 'watchtower/planted.ts', "import pg from 'pg';\npg;", 'imports pg'],
  [
    'a ledger that asks the chain',
    'ledger/planted.ts',
    "await import('@kuramori/chains/nem/node');",
    'imports @kuramori/chains/nem/node',
  ],
  [
    'an import whose target is computed',
    'ledger/planted.ts',
    'export const x = (name: string) => import(name);',
    'imports something that is not written out',
  ],
  ['a package that nobody listed', 'signers/planted.ts', "import x from 'left-pad';\nx;", 'imports left-pad'],
  [
    'production code that uses what is for tests',
    'custody/planted.ts',
    "import { x } from './testing/database.ts';\nx;",
    'uses custody/testing/database.ts, which is for tests',
  ],
  [
    'a page that runs code of the desk’s',
    'console/pages/planted.tsx',
    "import { rightsOf } from '../desk/role.ts';\nrightsOf;",
    'reaches out of its room into console/desk/role.ts',
  ],
  [
    'a page that knows the house’s rules',
    'console/pages/planted.tsx',
    "import { judge } from '@kuramori/core';\njudge;",
    'imports @kuramori/core',
  ],
  [
    'a desk that asks a signer',
    'console/desk/planted.ts',
    "import { call } from '@kuramori/chains/http';\ncall;",
    'imports @kuramori/chains/http',
  ],
  [
    'a desk that calls somebody',
    'console/desk/planted.ts',
    "export const x = () => fetch('http://127.0.0.1');",
    'uses the global fetch',
  ],
  ['code made from text', 'signers/planted.ts', "export const x = eval('1');", 'uses the global eval'],
  ['a file outside every room', 'attic/planted.ts', 'export {};', 'lies in no room'],
];

describe('a planted trespass is seen', () => {
  it.each(planted)('%s', (_name, path, text, what) => {
    expect(trespasses([{ path, text }])).toEqual([{ path, what }]);
  });
});
