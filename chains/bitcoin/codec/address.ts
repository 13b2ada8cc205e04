/** Addresses as destinations: every kind that a standard names, read to the one form that outputs have. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base58, bech32, bech32m } from '@scure/base';
import type { Network, ReadAddress } from '@kuramori/core';
import { concat } from './bytes.ts';
import { parameters, type BitcoinChain, type Parameters } from './network.ts';

export type ReadScript =
  | { readonly kind: 'script'; readonly script: Uint8Array }
  | { readonly kind: 'refused'; readonly why: string };

/** An address as people write it, in the form that nodes write: base58 as it is, the newer kinds in lower case. */
export function readAddress(text: string, chain: BitcoinChain, network: Network): ReadAddress {
  const read = scriptOf(text, chain, network);
  if (read.kind === 'refused') return read;
  const address = addressOf(read.script, chain, network);
  // What can be paid can be written: otherwise one of the two below has a hole.
  if (address === undefined) throw new Error('readAddress: a script without an address');
  return { kind: 'address', address };
}

/** The script that pays to an address, or why there is none. */
export function scriptOf(text: string, chain: BitcoinChain, network: Network): ReadScript {
  const lower = text.toLowerCase();
  for (const [whose, where, { prefix, mweb }] of everyNetwork(chain, network)) {
    if (mweb !== null && lower.startsWith(`${mweb}1`))
      return refused(`is an address of ${whose}'s MWEB, which this house does not pay to`);
    if (!lower.startsWith(`${prefix}1`)) continue;
    if (whose !== chain || where !== network) return foreign([[whose, where]]);
    return scriptOfWitnessAddress(text, prefix);
  }
  return scriptOfBase58(text, chain, network);
}

/** The address of a script, in the one form; undefined where it has none. */
export function addressOf(script: Uint8Array, chain: BitcoinChain, network: Network): string | undefined {
  const { prefix, keyHash, scriptHash } = parameters[chain][network];
  const body = (from: number, to: number) => script.subarray(from, to);
  if (script.length === 25 && starts(script, 0x76, 0xa9, 20) && ends(script, 0x88, 0xac))
    return base58Of(keyHash, body(3, 23));
  if (script.length === 23 && starts(script, 0xa9, 20) && ends(script, 0x87))
    return base58Of(scriptHash[0], body(2, 22));
  if ((script.length === 22 && starts(script, 0, 20)) || (script.length === 34 && starts(script, 0, 32)))
    return bech32.encode(prefix, [0, ...bech32.toWords(body(2, script.length))]);
  if (script.length === 34 && starts(script, 0x51, 32) && isPoint(body(2, 34)))
    return bech32m.encode(prefix, [1, ...bech32m.toWords(body(2, 34))]);
  return undefined;
}

/** The asked one first: some networks have prefixes in common. */
function* everyNetwork(
  chain: BitcoinChain,
  network: Network,
): Iterable<readonly [BitcoinChain, Network, Parameters]> {
  yield [chain, network, parameters[chain][network]];
  for (const whose of ['bitcoin', 'litecoin'] as const)
    for (const where of ['mainnet', 'testnet', 'devnet'] as const)
      if (whose !== chain || where !== network) yield [whose, where, parameters[whose][where]];
}

function scriptOfWitnessAddress(text: string, prefix: string): ReadScript {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return refused('mixes upper and lower case (BIP 173)');
  const data = lower.slice(prefix.length + 1);
  const odd = /[^qpzry9x8gf2tvdw0s3jn54khce6mua7l]/.exec(data);
  if (odd) return refused(`has a character that no such address has, '${odd[0]}' (BIP 173)`);
  if (lower.length > 90) return refused(`has ${lower.length} characters of at most 90 (BIP 173)`);
  const old = bech32.decodeUnsafe(lower);
  const decoded = old ?? bech32m.decodeUnsafe(lower);
  if (!decoded) return refused('wrong checksum: a character is wrong, missing or too many (BIP 173)');
  const [version, ...words] = decoded.words;
  if (version === undefined) return refused('has no witness version (BIP 173)');
  if (version > 16) return refused(`has witness version ${version}, and there are 0 to 16 (BIP 141)`);
  if (version === 0 && !old) return refused('has a bech32m checksum where bech32 is due (BIP 350)');
  if (version > 0 && old) return refused('has a bech32 checksum where bech32m is due (BIP 350)');
  const program = bech32.fromWordsUnsafe(words);
  if (!program) return refused('ends in bits that no address has (BIP 173)');
  if (version > 1) return refused(`has witness version ${version}, which means nothing yet`);
  if (version === 0 && program.length !== 20 && program.length !== 32)
    return refused(`has a program of ${program.length} bytes, and version 0 has 20 or 32 (BIP 141)`);
  if (version === 1 && program.length !== 32)
    return refused(`has a program of ${program.length} bytes, and version 1 has 32 (BIP 341)`);
  if (version === 1 && !isPoint(program))
    return refused('has a key that is no point of the curve: nobody could ever spend what it gets (BIP 341)');
  const opcode = version === 0 ? 0 : 0x50 + version;
  return { kind: 'script', script: Uint8Array.of(opcode, program.length, ...program) };
}

function scriptOfBase58(text: string, chain: BitcoinChain, network: Network): ReadScript {
  // 26 to 35 characters are what 25 bytes can be; a longer text is not even decoded.
  if (!/^[1-9A-HJ-NP-Za-km-z]+$/.test(text) || text.length > 64)
    return refused('is neither base58 nor begins as an address of any network that this house knows');
  const bytes = base58.decode(text);
  if (bytes.length !== 25)
    return refused(`wrong length: ${bytes.length} bytes, and base58 addresses have 25`);
  const [body, checksum] = [bytes.subarray(0, 21), bytes.subarray(21)];
  if (
    !sha256(sha256(body))
      .subarray(0, 4)
      .every((byte, at) => byte === checksum[at])
  )
    return refused('wrong checksum: a character is wrong, missing or too many');
  const version = body[0] ?? 0;
  const hash = body.subarray(1);
  const own = parameters[chain][network];
  if (version === own.keyHash)
    return { kind: 'script', script: Uint8Array.of(0x76, 0xa9, 20, ...hash, 0x88, 0xac) };
  if (own.scriptHash.includes(version))
    return { kind: 'script', script: Uint8Array.of(0xa9, 20, ...hash, 0x87) };
  const others = [...everyNetwork(chain, network)].filter(
    ([, , { keyHash, scriptHash }]) => keyHash === version || scriptHash.includes(version),
  );
  return others.length === 0
    ? refused(`begins with the byte ${version}, which no network has that this house knows`)
    : foreign(others.map(([whose, where]) => [whose, where]));
}

function foreign(networks: readonly (readonly [BitcoinChain, Network])[]): ReadScript {
  return refused(`is an address of ${networks.map((names) => names.join(' ')).join(', ')}`);
}

function base58Of(version: number, hash: Uint8Array): string {
  const body = Uint8Array.of(version, ...hash);
  return base58.encode(concat(body, sha256(sha256(body)).subarray(0, 4)));
}

/** Whether 32 bytes are the x of a point: only then does a key fit (BIP 340 lift_x). */
function isPoint(x: Uint8Array): boolean {
  try {
    secp256k1.Point.fromBytes(Uint8Array.of(2, ...x));
    return true;
  } catch {
    return false; // noble throws on an x that no point has
  }
}

function starts(script: Uint8Array, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => script[at] === byte);
}

function ends(script: Uint8Array, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => script[script.length - bytes.length + at] === byte);
}

function refused(why: string): { readonly kind: 'refused'; readonly why: string } {
  return { kind: 'refused', why };
}
