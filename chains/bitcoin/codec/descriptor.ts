/**
 * Descriptor: the one text that says what addresses a wallet has and whose signatures spend from them. Only one shape is read:
 * wsh(sortedmulti(k,[origin]key/<0;1>/*,…))#checksum (BIP 380, 383, 389). Branch 0 receives, branch 1 is change.
 */
import { HARDENED_OFFSET } from '@scure/bip32';
import type { Network } from '@kuramori/core';
import { checksumOf } from './checksum.ts';
import {
  childOf,
  extendedFlaw,
  extendedOf,
  nodeOf,
  payloadOf,
  publicNodeOf,
  type PublicNode,
} from './extended-key.ts';
import { keyVersions, slip132Private, slip132Versions } from './network.ts';

/** A cosigner's key as a descriptor has it. */
export interface DescriptorKey {
  /** Of the master key that it was derived from (BIP 32), and by which path, hardened steps with 2^31. */
  readonly fingerprint: number;
  readonly path: readonly number[];
  /** The extended public key, in base58. */
  readonly extended: string;
}

export interface Descriptor {
  readonly threshold: number;
  readonly keys: readonly DescriptorKey[];
  /** The two keys that stand in the text's place of /<0;1>: index n of either is an address's. */
  readonly branches: readonly (readonly [PublicNode, PublicNode])[];
  /** With its checksum, as it was read. */
  readonly text: string;
  /** The version bytes that all its keys have. */
  readonly version: number;
}

export type ReadDescriptor =
  | { readonly kind: 'descriptor'; readonly descriptor: Descriptor }
  | { readonly kind: 'refused'; readonly why: string };

/** 15 keys and their script fit what P2SH would take as well (BIP 383 allows more; nobody's tools do). */
export const mostKeys = 15;

/** Reads a descriptor; its keys may be of any network, which `wrongWallet` looks at. */
export function readDescriptor(text: string): ReadDescriptor {
  const before = known.get(text);
  if (before) return before;
  const read = parse(text);
  if (known.size >= mostKnown) known.clear();
  known.set(text, read);
  return read;
}

/** Descriptors are read at every look at every transaction, and reading one derives keys. Policies name a few dozen. */
const known = new Map<string, ReadDescriptor>();
const mostKnown = 256;

const shape = /^wsh\(sortedmulti\(([1-9][0-9]?),(.+)\)\)$/;
const keyShape =
  /^\[([0-9a-f]{8})((?:\/(?:0|[1-9][0-9]{0,9})[h']?)*)\]([1-9A-HJ-NP-Za-km-z]{100,120})\/<0;1>\/\*$/;

function parse(text: string): ReadDescriptor {
  const [body = '', checksum, ...more] = text.split('#');
  if (checksum === undefined || more.length > 0) return refused('has no checksum after one # (BIP 380)');
  const due = checksumOf(body);
  if (due === undefined) return refused('has a character that no descriptor has (BIP 380)');
  if (due !== checksum)
    return refused('its checksum is wrong: a character is wrong, missing or too many (BIP 380)');
  const [, digits = '', list = ''] = shape.exec(body) ?? [];
  if (list === '')
    return refused('is not wsh(sortedmulti(k,keys…)), the one shape that this house signs for');
  const keys: DescriptorKey[] = [];
  for (const [at, part] of list.split(',').entries()) {
    const read = readKey(part);
    if (typeof read === 'string') return refused(`key ${at + 1}: ${read}`);
    keys.push(read);
  }
  const threshold = Number(digits);
  if (threshold > keys.length || keys.length > mostKeys)
    return refused(`asks for ${threshold} of ${keys.length} keys, and there may be at most ${mostKeys}`);
  const nodes = keys.map(({ extended }) => nodeOf(extended));
  const points = new Set(nodes.map(({ publicKey }) => publicKey?.toHex()));
  if (points.size < keys.length) return refused('names one key twice: whoever holds it would sign for two');
  const [version, ...others] = new Set(nodes.map(({ versions }) => versions.public));
  if (version === undefined || others.length > 0) return refused('has keys of several networks');
  const branches = keys.map(({ extended }) => {
    const account = publicNodeOf(extended);
    return [childOf(account, 0), childOf(account, 1)] as const;
  });
  return { kind: 'descriptor', descriptor: { threshold, keys, branches, text, version } };
}

function readKey(text: string): DescriptorKey | string {
  const [, fingerprint, steps = '', extended = ''] = keyShape.exec(text) ?? [];
  if (fingerprint === undefined)
    return 'is not [fingerprint/path]key/<0;1>/*, with a public key (BIP 380, BIP 389)';
  const path = steps
    .split('/')
    .slice(1)
    .map((step) => Number.parseInt(step, 10) + (/[h']$/.test(step) ? HARDENED_OFFSET : 0));
  const tooLarge = steps.split('/').some((step) => Number.parseInt(step, 10) >= HARDENED_OFFSET);
  if (tooLarge) return 'its path has a step beyond 2^31 (BIP 32)';
  const flaw = extendedFlaw(extended);
  if (flaw !== undefined) return flaw;
  const { depth, index } = nodeOf(extended);
  if (depth !== path.length) return `is of depth ${depth}, and its path has ${path.length} steps (BIP 32)`;
  if (depth > 0 && index !== path.at(-1)) return 'is another child than its path ends in (BIP 32)';
  return { fingerprint: Number.parseInt(fingerprint, 16), path, extended };
}

/** The descriptor of keys, with its checksum, in the form that this house writes: paths with h. */
export function writeDescriptor(threshold: number, keys: readonly DescriptorKey[]): string {
  return withChecksum(bodyOf(threshold, keys, '<0;1>'));
}

/** A key as its holder names it to whoever writes a descriptor: [fingerprint/path]key/<0;1>/*. */
export function describedKey(key: DescriptorKey): string {
  return keyText(key, '<0;1>');
}

/**
 * A key as its holder names it, of a network: `[fingerprint/path]key`, with or without what a descriptor has behind it. Electrum's
 * Zpub and Vpub are read too (SLIP 132): the same keys under another version.
 */
export function readDescribed(text: string, network: Network): DescriptorKey | string {
  const [, origin = '', given = ''] =
    /^(\[[^\]]*\])([1-9A-HJ-NP-Za-km-z]{100,120})(?:\/<0;1>\/\*)?$/.exec(text.trim()) ?? [];
  if (given === '') return 'is not [fingerprint/path]key, with a public key (BIP 380)';
  const due = keyVersions[network].public;
  const asPublic = withVersionOf(given, slip132Versions[network], due);
  const plain = withVersionOf(asPublic, slip132Private[network], keyVersions[network].private);
  const read = readKey(`${origin.toLowerCase()}${plain}/<0;1>/*`);
  if (typeof read === 'string') return read;
  return nodeOf(read.extended).versions.public === due ? read : `is a key of another network than ${network}`;
}

/** The same key under another version, where it has the one. */
function withVersionOf(extended: string, from: number, to: number): string {
  const payload = payloadOf(extended);
  if (!payload) return extended;
  const view = new DataView(payload.buffer, payload.byteOffset);
  if (view.getUint32(0) !== from) return extended;
  view.setUint32(0, to);
  return extendedOf(payload);
}

/** The descriptor of keys that their holders described, with its checksum; or why it is none. */
export function descriptorOfKeys(threshold: number, described: readonly string[]): ReadDescriptor {
  const body = `wsh(sortedmulti(${threshold},${described.join(',')}))`;
  const checksum = checksumOf(body);
  return checksum === undefined
    ? refused('has a character that no descriptor has (BIP 380)')
    : readDescriptor(`${body}#${checksum}`);
}

/** One branch alone, for nodes from before BIP 389. */
export function branchDescriptor({ threshold, keys }: Descriptor, branch: 0 | 1): string {
  return withChecksum(bodyOf(threshold, keys, branch.toString()));
}

function bodyOf(threshold: number, keys: readonly DescriptorKey[], branch: string): string {
  return `wsh(sortedmulti(${threshold},${keys.map((key) => keyText(key, branch)).join(',')}))`;
}

function keyText({ fingerprint, path, extended }: DescriptorKey, branch: string): string {
  return `[${fingerprintText(fingerprint)}${stepsText(path)}]${extended}/${branch}/*`;
}

export function fingerprintText(fingerprint: number): string {
  return fingerprint.toString(16).padStart(8, '0');
}

/** Each step after a slash, hardened ones with h; nothing where there is none. */
export function stepsText(path: readonly number[]): string {
  return path.map((step) => `/${step >= HARDENED_OFFSET ? `${step - HARDENED_OFFSET}h` : step}`).join('');
}

function withChecksum(body: string): string {
  const checksum = checksumOf(body);
  if (checksum === undefined)
    throw new Error('writeDescriptor: a key has a character that no descriptor has');
  return `${body}#${checksum}`;
}

function refused(why: string): { readonly kind: 'refused'; readonly why: string } {
  return { kind: 'refused', why };
}
