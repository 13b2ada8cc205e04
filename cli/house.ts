/** The house as whoever freezes, thaws or objects reaches it: where its signers and watchtowers listen. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  PublicKeyHex,
  readPolicy,
  signerRoutes,
  signingKeyFromSeed,
  Units,
  watchtowerRoutes,
  writersOf,
  type PolicyChain,
  type Refusal,
  type SignerStatus,
  type SigningKey,
  type WatchtowerStatus,
} from '@kuramori/core';
import { ConfiguredNode } from '@kuramori/chains/bitcoin/node';
import { call, type Where } from '@kuramori/chains/http';
import {
  Endpoint,
  endsSoon,
  IdentityFiles,
  Misconfigured,
  openHosts,
  readConfig,
  readJson,
  readSecret,
  timeText,
} from '@kuramori/program';
import { root, say } from './command.ts';

const file = z.string().min(1);
const FamilyNodes = z.strictObject({
  nodes: z.array(ConfiguredNode).min(1),
  /** What a transaction usually pays, in units per 1,000 virtual bytes: where the nodes have seen too little to say. */
  usualRate: Units.default(10_000n),
});

const HouseFile = z.strictObject({
  v: z.literal(1),
  /** This side's own copy, and whose signatures make its first version. */
  policy: file,
  keepers: z.strictObject({ keys: z.array(PublicKeyHex).min(1), quorum: z.int().positive() }),
  /** Who this person is towards other hosts; needed where somebody is called by TLS. */
  identity: IdentityFiles.optional(),
  signers: z.array(z.strictObject({ id: z.string().min(1), at: Endpoint })).min(1),
  watchtowers: z.array(z.strictObject({ name: z.string().min(1), at: Endpoint })),
  pager: z.strictObject({ at: Endpoint }).optional(),
  /** NEM nodes, for what people announce themselves. */
  nodes: z.array(z.url({ protocol: /^http$/ })).min(1),
  /** The same of an EVM chain, where the house has wallets on one: all of its nodes must agree. */
  ethereum: z
    .strictObject({
      nodes: z.array(z.url({ protocol: /^http$/ })).min(1),
      relayers: z.array(Endpoint).default([]),
    })
    .optional(),
  /** The same of Bitcoin's family. */
  bitcoin: FamilyNodes.optional(),
  litecoin: FamilyNodes.optional(),
});

export interface House extends Pick<z.infer<typeof HouseFile>, 'policy' | 'keepers' | 'nodes'> {
  readonly family: {
    readonly [Chain in 'bitcoin' | 'litecoin']?: z.infer<typeof FamilyNodes>;
  };
  readonly ethereum: { readonly nodes: readonly string[]; readonly relayers: readonly Where[] } | null;
  readonly signers: readonly { readonly id: string; readonly at: Where }[];
  readonly watchtowers: readonly { readonly name: string; readonly at: Where }[];
  readonly pager: Where | null;
}

/** The file that --house names; the sandbox's, where it names none. */
export function openHouse(named: string | null): House {
  const path = named ?? join(root, '.kuramori', 'sandbox', 'house.json');
  const { identity, signers, watchtowers, pager, ethereum, bitcoin, litecoin, ...rest } = readConfig(
    path,
    HouseFile,
  );
  const hosts = openHosts(path, identity, (certificate, now) => {
    if (endsSoon(certificate, now))
      say(`kuramori: ${certificate.file}: this certificate ends at ${timeText(certificate.validTo)}`);
  });
  return {
    ...rest,
    family: { ...(bitcoin ? { bitcoin } : {}), ...(litecoin ? { litecoin } : {}) },
    ethereum: ethereum
      ? {
          nodes: ethereum.nodes,
          relayers: ethereum.relayers.map((at, index) => hosts.at(at, `ethereum.relayers.${index}`)),
        }
      : null,
    pager: pager ? hosts.at(pager.at, 'pager.at') : null,
    signers: signers.map(({ id, at }, index) => ({ id, at: hosts.at(at, `signers.${index}.at`) })),
    watchtowers: watchtowers.map(({ name, at }, index) => ({
      name,
      at: hosts.at(at, `watchtowers.${index}.at`),
    })),
  };
}

export function policyOf({ policy, keepers }: House): PolicyChain {
  const read = readPolicy(readJson(resolve(policy)), keepers);
  if (read.kind === 'refused') throw new Misconfigured(`${policy}: ${read.field}: ${read.why}`);
  return read.chain;
}

/** The name of a key in the newest version that knows it, with the key. */
export function whoIs(chain: PolicyChain, key: string): string {
  for (const { policy } of chain.toReversed()) {
    const { watchtowers, operators, keepers } = policy;
    const named = [
      ...operators.map((one) => ({ name: `operator ${one.name}`, key: one.key })),
      ...keepers.people.map((one) => ({ name: `keeper ${one.name}`, key: one.key })),
      ...writersOf(policy).map(({ id, recordKey }) => ({ name: id, key: recordKey })),
      ...watchtowers.keys.map((one, index) => ({ name: `watchtower ${index + 1}`, key: one })),
    ].find((one) => one.key === key);
    if (named) return `${named.name} (${key.slice(0, 16)}…)`;
  }
  return key;
}

/** A key of ours out of its file: 32 bytes as hex in one line, which nobody else may read. */
export function openKey(named: string): SigningKey {
  const seed = readSecret(named);
  if (!/^[0-9a-f]{64}$/.test(seed)) throw new Misconfigured(`${named}: must be 32 bytes as lower-case hex`);
  return signingKeyFromSeed(Buffer.from(seed, 'hex'));
}

export type NoAnswer = { readonly kind: 'unreachable'; readonly detail: string };

/** Somebody who can be told, and what they answered. */
export interface Told<Answer> {
  readonly who: string;
  readonly role: 'watchtower' | 'signer';
  readonly answer: Answer;
}

/** Everybody at once, the watchtowers first in the list. A silent one holds up nobody. */
export async function tellEverybody<Answer>(
  { signers, watchtowers }: House,
  ask: { readonly [Role in 'watchtower' | 'signer']: (at: Where) => Promise<Answer> },
): Promise<readonly Told<Answer>[]> {
  return Promise.all([
    ...watchtowers.map(async ({ name, at }) => {
      return { who: name, role: 'watchtower', answer: await ask.watchtower(at) } as const;
    }),
    ...signers.map(async ({ id, at }) => {
      return { who: id, role: 'signer', answer: await ask.signer(at) } as const;
    }),
  ]);
}

export type Status = Pick<SignerStatus | WatchtowerStatus, 'kind' | 'freezes' | 'thaws'>;

/** What each of them says of what stands there. */
export function statuses(house: House): Promise<readonly Told<Status | Refusal | NoAnswer>[]> {
  return tellEverybody<Status | Refusal | NoAnswer>(house, {
    watchtower: (at) => call(at, watchtowerRoutes.status, {}),
    signer: (at) => call(at, signerRoutes.status, {}),
  });
}

export function said(answer: {
  readonly kind: string;
  readonly why?: string;
  readonly detail?: string;
}): string {
  if (answer.kind === 'unreachable') return `is silent: ${answer.detail}`;
  return answer.kind === 'refused' ? `${answer.why}: ${answer.detail}` : answer.kind;
}
