/** The deed of a house: what was made once, and every start goes by. No secret is in it. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { Misconfigured, replaceFile } from '@kuramori/program';

const Part = z.strictObject({ id: z.string(), chainKey: z.string(), recordKey: z.string() });
/** Vaults of the cold keys, in their order; none in a house to which nobody comes back. */
const coldVaults = z.array(z.strictObject({ id: z.string(), recordKey: z.string() })).default([]);

export const Deed = z.strictObject({
  v: z.literal(1),
  ports: z.strictObject({ node1: z.int(), node2: z.int(), custody: z.int() }),
  genesisTime: z.int(),
  signers: z.array(Part).min(1),
  hot: z.strictObject({ address: z.string(), publicKey: z.string() }),
  cold: z.strictObject({ address: z.string(), publicKey: z.string() }),
  coldKeys: z.array(z.string()).length(3),
  coldVaults,
  /** Who approves what leaves the cold wallets. */
  approverKeys: z.array(z.string()).default([]),
  vaultKey: z.string().nullable(),
  /** A co-signer that waits for one of the others to be replaced; it runs only once it is started. */
  spare: Part.nullable(),
  watchtowerKeys: z.array(z.string()).min(1),
  booksKey: z.string(),
  /** Keys in the rooms' folders that nobody uses. */
  canaries: z.array(z.strictObject({ where: z.string(), publicKey: z.string() })).default([]),
  /** Its wallets and nodes on Litecoin; null where it has none. */
  litecoin: z
    .strictObject({
      ports: z.strictObject({ rpc1: z.int(), rpc2: z.int(), meeting: z.int() }),
      signers: z.array(Part).min(1),
      vaultKey: z.string(),
      coldKeys: z.array(z.string()).length(3),
      coldVaults,
      hot: z.strictObject({ address: z.string(), descriptor: z.string() }),
      cold: z.strictObject({ address: z.string(), descriptor: z.string() }),
      /** A wallet that may take the hot one's place, with a co-signer that runs only once it is started. */
      next: z
        .strictObject({ address: z.string(), descriptor: z.string(), spare: Part })
        .nullable()
        .default(null),
      watchFrom: z.int(),
    })
    .nullable()
    .default(null),
  /** Its Safes and node on an EVM chain; null where it has none. */
  ethereum: z
    .strictObject({
      /** The node's own, and another door to it. */
      ports: z.strictObject({ node: z.int(), door: z.int() }),
      signers: z.array(Part).min(1),
      /** As NEM's: it runs only once it is started. */
      spare: Part,
      vaultKey: z.string(),
      coldKeys: z.array(z.string()).length(3),
      coldVaults,
      /** The Safes' addresses; and by address what they were made of. */
      hot: z.string(),
      cold: z.string(),
      /** Contracts of the tokens that it lists. */
      tokens: z.array(z.string()).default([]),
      made: z.record(z.string(), z.record(z.string(), z.string())),
      watchFrom: z.int(),
    })
    .nullable()
    .default(null),
  keeperKey: z.string(),
  operatorKey: z.string(),
  watchFrom: z.int(),
});
export type Deed = z.infer<typeof Deed>;

/** Those that run, on whatever chain. */
export function servingSigners({ signers, litecoin, ethereum }: Deed): Deed['signers'] {
  return [...signers, ...(litecoin?.signers ?? []), ...(ethereum?.signers ?? [])];
}

/** And those that wait. */
export function everySigner(deed: Deed): Deed['signers'] {
  const spares = [deed.spare, deed.litecoin?.next?.spare, deed.ethereum?.spare];
  return [...servingSigners(deed), ...spares.flatMap((one) => one ?? [])];
}

/** Folders of the vaults that hold a key of a hot wallet whose keys are exchanged on its chain. */
export function rotatingVaults({
  vaultKey,
  ethereum,
}: Pick<Deed, 'vaultKey' | 'ethereum'>): readonly string[] {
  return [...(vaultKey === null ? [] : ['vault']), ...(ethereum ? ['eth-vault'] : [])];
}

/** Vaults that may move what is in cold wallets. */
export function movingVaults({ coldVaults: own, litecoin, ethereum }: Deed): Deed['coldVaults'] {
  return [...own, ...(litecoin?.coldVaults ?? []), ...(ethereum?.coldVaults ?? [])];
}

/** The nodes that are its own, told to people. */
export function nodesOf({ litecoin, ethereum }: Deed): string {
  const nodes = [
    'two devnet nodes',
    ...(litecoin ? ['two litecoind'] : []),
    ...(ethereum ? ['an anvil'] : []),
  ];
  return [nodes.slice(0, -1).join(', '), nodes.at(-1)].filter((part) => part !== '').join(' and ');
}

export function readDeed(file: string): Deed | undefined {
  if (!existsSync(file)) return undefined;
  let read: ReturnType<typeof Deed.safeParse>;
  try {
    read = Deed.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Misconfigured(`${file}: is damaged: restore it, or begin anew with --fresh`, { cause });
  }
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Misconfigured(
    `${file}: ${issue?.path.join('.')}: ${issue?.message}: restore it, or begin anew with --fresh`,
  );
}

export function writeDeed(file: string, deed: Deed): void {
  replaceFile(file, `${JSON.stringify(deed, null, 2)}\n`);
}
