/**
 * Execution: a Safe's execTransaction, as the relayer sends it and as the chain shows it. What is seen on the chain is read
 * as the contract reads it, who wrote it how ever; only what we send ourselves has one form.
 */
import { addressIn, bytesAt, dynamic, selectorOf, word, wordLength, wordsOf } from './abi.ts';
import { checksummed, type Address } from './address.ts';
import { numberOf } from './hex.ts';
import { safeHash, type Bound, type SafeTx } from './safe.ts';
import { ethSignHash, recover, signatureLength } from './signature.ts';

export const execSelector = selectorOf(
  'execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)',
);

/** All of it but the nonce, which only the Safe knows. */
export interface Execution {
  readonly tx: Omit<SafeTx, 'nonce'>;
  /** Hex, as it stands there. */
  readonly signatures: string;
}

export type ReadExecution =
  | {
      readonly kind: 'execution';
      readonly execution: Execution;
      /** Whether these are exactly the bytes that we would write. */
      readonly canonical: boolean;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** Calldata: hex without 0x. */
export function encodeExecution(execution: Execution): string {
  return execSelector + argumentsOf(execution);
}

/** Head of ten words, then data and signatures, each filled up to whole words. */
function argumentsOf({ tx, signatures }: Execution): string {
  const data = dynamic(tx.data);
  const head = 10n * 32n;
  return [
    word(tx.to),
    word(tx.value),
    word(head),
    word(BigInt(tx.operation)),
    word(tx.safeTxGas),
    word(tx.baseGas),
    word(tx.gasPrice),
    word(tx.gasToken),
    word(tx.refundReceiver),
    word(head + BigInt(data.length / 2)),
    data,
    dynamic(signatures),
  ].join('');
}

/**
 * Reads execTransaction's calldata, of a call that succeeded or failed. Offsets and padding may be anything that the
 * contract takes; `canonical` says whether they are ours.
 */
export function readExecution(calldata: string): ReadExecution {
  if (!calldata.startsWith(execSelector)) return { kind: 'refused', why: 'calldata: is not execTransaction' };
  const body = calldata.slice(execSelector.length);
  const execution = readArguments(body);
  if (typeof execution === 'string') return { kind: 'refused', why: `calldata: ${execution}` };
  return { kind: 'execution', execution, canonical: argumentsOf(execution) === body };
}

/** The ten arguments of execTransaction, with which SafeL2's event begins as well; or what is wrong with them. */
function readArguments(body: string): Execution | string {
  const words = wordsOf(body.slice(0, 10 * wordLength));
  const [to = '', value = '', dataAt = '', operation = '', ...more] = words;
  const [safeTxGas = '', baseGas = '', gasPrice = '', gasToken = '', refundReceiver = '', signaturesAt = ''] =
    more;
  if (words.length < 10) return 'ends within its arguments';
  const [target, token, receiver] = [addressIn(to), addressIn(gasToken), addressIn(refundReceiver)];
  // The contract would hash these bytes as they stand, and so sign for another transaction than it makes.
  if (!target || !token || !receiver) return 'the bytes before an address are not zero';
  if (numberOf(operation) > 255n) return 'operation is no uint8';
  const data = bytesAt(body, numberOf(dataAt));
  const signatures = bytesAt(body, numberOf(signaturesAt));
  if (data === undefined) return 'data goes beyond the end';
  if (signatures === undefined) return 'signatures go beyond the end';
  return {
    tx: {
      to: target,
      value: numberOf(value),
      data,
      operation: Number(numberOf(operation)),
      safeTxGas: numberOf(safeTxGas),
      baseGas: numberOf(baseGas),
      gasPrice: numberOf(gasPrice),
      gasToken: token,
      refundReceiver: receiver,
    },
    signatures,
  };
}

/** What SafeL2 tells in an event of each execution, also of one that another contract asked for. */
export interface Announced extends Execution {
  readonly tx: SafeTx;
  readonly sender: Address;
  readonly threshold: number;
}

/** Keccak-256 of the event's signature: topic 0, hex. */
export const announcedTopic = '66753cd2356569ee081232e3be8909b950e0a76c1f8460c3a5e3c2be32b11bed';

/**
 * Reads the data of SafeL2's SafeMultiSigTransaction: the arguments of execTransaction, and (nonce, sender, threshold) in
 * bytes of their own. Undefined where it is none.
 */
export function readAnnounced(data: string): Announced | undefined {
  const execution = readArguments(data);
  if (typeof execution === 'string') return undefined;
  const more = bytesAt(data, numberOf(data.slice(10 * wordLength, 11 * wordLength)));
  if (more?.length !== 3 * wordLength) return undefined;
  const [nonce = '', sender = '', threshold = ''] = wordsOf(more);
  const from = addressIn(sender);
  if (!from || numberOf(threshold) > 1000n) return undefined;
  return {
    ...execution,
    tx: { ...execution.tx, nonce: numberOf(nonce) },
    sender: from,
    threshold: Number(numberOf(threshold)),
  };
}

/** How an owner agreed, as Safe.sol reads it from v. `owner` is null where r and s are nobody's. */
export type Agreement =
  /** v 27, 28 (or any other below 31): over the hash itself. The only kind that we make. */
  | { readonly kind: 'hash'; readonly owner: Address | null; readonly signature: string }
  /** v above 30: over the hash as eth_sign has it. */
  | { readonly kind: 'eth-sign'; readonly owner: Address | null; readonly signature: string }
  /** v 1: approved on the chain before, or by who executes it. */
  | { readonly kind: 'approved-hash'; readonly owner: Address }
  /** v 0: the owner is a contract, which is asked (EIP-1271). */
  | { readonly kind: 'contract'; readonly owner: Address };

/** Everybody who agreed to an execution, in the order in which the Safe looks at them: only the first `threshold` count. */
export function agreementsOf(bound: Bound, signatures: string, threshold: number): readonly Agreement[] {
  const hash = safeHash(bound);
  const parts = Array.from({ length: threshold }, (_, index) =>
    signatures.slice(index * signatureLength, (index + 1) * signatureLength),
  );
  return parts.filter((part) => part.length === signatureLength).map((part) => agreementOf(hash, part));
}

function agreementOf(hash: string, signature: string): Agreement {
  const rs = signature.slice(0, 128);
  const v = Number.parseInt(signature.slice(128), 16);
  if (v <= 1)
    return { kind: v === 0 ? 'contract' : 'approved-hash', owner: checksummed(signature.slice(24, 64)) };
  if (v > 30) return { kind: 'eth-sign', owner: recover(ethSignHash(hash), rs, v - 31) ?? null, signature };
  return { kind: 'hash', owner: recover(hash, rs, v - 27) ?? null, signature };
}
