/** Compiles our Solidity with the pinned compiler, always to the same bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';
import type { Abi } from 'viem';

export const contracts = fileURLToPath(new URL('../contracts', import.meta.url));

/** Where each set of contracts lies, and the file that keeps what it compiles to. */
export const sets = [contracts, join(contracts, 'testing')] as const;
export const compiledIn = (folder: string) => join(folder, 'data', 'compiled.json');

const settings = {
  // Deposit addresses are made by it: another compiler setting is another address for every customer.
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  // Else a comment would change the bytes.
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: {
    '*': {
      '*': [
        'abi',
        'evm.bytecode.object',
        'evm.deployedBytecode.object',
        'evm.deployedBytecode.immutableReferences',
      ],
    },
  },
} as const;

export interface Contract {
  readonly abi: Abi;
  /** Hex: what a transaction creates it with, before its constructor's arguments. */
  readonly creation: string;
  /** Hex: what stands on the chain afterwards, immutables as zeros. */
  readonly runtime: string;
  /** Where each immutable stands in `runtime`, in the order of the source: bytes before its word, at each place. */
  readonly immutables: readonly (readonly number[])[];
}

export interface Compiled {
  readonly compiler: string;
  readonly settings: unknown;
  readonly contracts: Readonly<Record<string, Contract>>;
}

/** By the number of each immutable's node in the syntax tree, which grows along the source. */
type ImmutableReferences = Readonly<Record<string, readonly { readonly start: number }[]>>;

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: Abi;
            readonly evm: {
              readonly bytecode: { readonly object: string };
              readonly deployedBytecode: {
                readonly object: string;
                readonly immutableReferences: ImmutableReferences;
              };
            };
          }
        >
      >
    >
  >;
}

/** Every contract of a folder with bytes of its own. Throws on what the compiler calls an error. */
export function compile(folder: string): Compiled {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sol'));
  const sources = Object.fromEntries(
    names.map((name) => [name, { content: readFileSync(join(folder, name), 'utf8') }]),
  );
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })) as string,
  ) as Output;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const made = Object.values(output.contracts).flatMap((one) => Object.entries(one));
  return {
    compiler: (solc.version as () => string)(),
    settings,
    contracts: Object.fromEntries(
      made
        .filter(([, { evm }]) => evm.bytecode.object !== '')
        .map(
          ([name, { abi, evm }]) =>
            [
              name,
              {
                abi,
                creation: evm.bytecode.object,
                runtime: evm.deployedBytecode.object,
                immutables: placesOf(evm.deployedBytecode.immutableReferences),
              },
            ] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function placesOf(references: ImmutableReferences): Contract['immutables'] {
  return Object.entries(references)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, places]) => places.map(({ start }) => start).sort((a, b) => a - b));
}

export function kept(folder: string): Compiled {
  return JSON.parse(readFileSync(compiledIn(folder), 'utf8')) as Compiled;
}

/** The codec reads no file, so what it must know of our contracts are modules of its own, written from the same bytes: by their names. */
export function codeModules({ compiler, contracts: made }: Compiled): Readonly<Record<string, string>> {
  const text = (name: string) => {
    const lines = (made[name]?.creation ?? '').match(/.{1,96}/g) ?? [];
    return `[\n${lines.map((line) => `  '${line}',\n`).join('')}].join('')`;
  };
  const guard = made['KuramoriGuard'];
  if (!guard?.creation.endsWith(guard.runtime))
    throw new Error('a constructor is expected to end in the code');
  const places = guard.immutables.map((list) => `  [${list.join(', ')}],\n`).join('');
  const head = `// Written by chains/ethereum/testing/write.ts with solc ${compiler}: what creates our contracts, as hex.`;
  return {
    'forwarder-code.ts': `${head}

/** Forwarder.sol, before its constructor's argument. */
export const forwarderCode: string = ${text('Forwarder')};

/** ForwarderFactory.sol. */
export const factoryCode: string = ${text('ForwarderFactory')};
`,
    'guard-code.ts': `${head}

/** KuramoriGuard.sol, before its constructor's arguments. */
export const guardCode: string = ${text('KuramoriGuard')};

/** What of it stands on the chain are its last bytes, so many, with keys in places that are zeros here. */
export const guardLength = ${guard.runtime.length / 2};

/** Of each spare, then of each key in a vault: how many bytes stand before its word, wherever it stands. */
export const guardPlaces: readonly (readonly number[])[] = [
${places}];
`,
  };
}
