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
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
} as const;

export interface Contract {
  readonly abi: Abi;
  /** Hex: what a transaction creates it with, before its constructor's arguments. */
  readonly creation: string;
  /** Hex: what stands on the chain afterwards, immutables as zeros. */
  readonly runtime: string;
}

export interface Compiled {
  readonly compiler: string;
  readonly settings: unknown;
  readonly contracts: Readonly<Record<string, Contract>>;
}

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
              readonly deployedBytecode: { readonly object: string };
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
            [name, { abi, creation: evm.bytecode.object, runtime: evm.deployedBytecode.object }] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

export function kept(folder: string): Compiled {
  return JSON.parse(readFileSync(compiledIn(folder), 'utf8')) as Compiled;
}

/** The codec reads no file, so what it must know of our contracts is a module of its own, written from the same bytes. */
export function codeModule({ compiler, contracts: made }: Compiled): string {
  const text = (name: string) => {
    const lines = (made[name]?.creation ?? '').match(/.{1,96}/g) ?? [];
    return `[\n${lines.map((line) => `  '${line}',\n`).join('')}].join('')`;
  };
  return `// Written by chains/ethereum/testing/write.ts with solc ${compiler}: what creates our contracts, as hex.

/** Forwarder.sol, before its constructor's argument. */
export const forwarderCode: string = ${text('Forwarder')};

/** ForwarderFactory.sol. */
export const factoryCode: string = ${text('ForwarderFactory')};
`;
}
