/** A device of somebody else that holds a wallet's key: it signs what a PSBT says, and does whatever else a test wants of it. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { HDKey } from '@scure/bip32';
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import { RawOldTx } from '@scure/btc-signer/script.js';
import { digestsOf } from '../digest.ts';
import { toDer } from '../ecdsa.ts';
import { readTransaction, stripped, type Transaction } from '../transaction.ts';

/** What the device does otherwise than it should. */
export interface Odd {
  /** Signs this, and says that it signed the one that was asked. */
  readonly signs?: (asked: Transaction) => Transaction;
  /** And gives this back. */
  readonly returns?: (asked: Transaction) => Transaction;
  readonly sighash?: number;
  /** What it takes an input to hold. */
  readonly units?: (held: bigint) => bigint;
  readonly upperS?: boolean;
  /** Of all inputs; those that are left out stay unsigned. */
  readonly only?: readonly number[];
}

type Raw = ReturnType<typeof RawPSBTV0.decode>;

/** What it gives back, by the library's own writing. `seed`: the byte that fills the secret of its key (wallet.ts). */
export function signedByDevice(psbt: Uint8Array, seed: number, odd: Odd = {}): Uint8Array {
  return changed(psbt, (raw) => {
    const asked = transactionIn(raw);
    const digestOf = digestsOf((odd.signs ?? ((one) => one))(asked));
    const master = HDKey.fromMasterSeed(new Uint8Array(32).fill(seed));
    for (const [at, input] of raw.inputs.entries()) {
      const mine = input.bip32Derivation?.find(([, { fingerprint }]) => fingerprint === master.fingerprint);
      if (!mine || !input.witnessScript || !input.witnessUtxo) throw new Error('device: a PSBT of others');
      if (odd.only && !odd.only.includes(at)) continue;
      const [publicKey, { path }] = mine;
      const key = path.reduce((node: HDKey, step: number) => node.deriveChild(step), master);
      const units = (odd.units ?? ((held) => held))(input.witnessUtxo.amount);
      const digest = digestOf(at, input.witnessScript, units, odd.sighash);
      const der = toDer(signatureOf(key, digest, odd.upperS), odd.sighash ?? 1);
      input.partialSig = [...(input.partialSig ?? []), [Uint8Array.from(publicKey), Uint8Array.from(der)]];
    }
    if (!odd.returns) return;
    const returned = odd.returns(asked);
    raw.global.unsignedTx = RawOldTx.decode(Uint8Array.from(stripped(returned)));
    raw.outputs.length = returned.outputs.length;
  });
}

function signatureOf({ privateKey }: HDKey, digest: Uint8Array, upperS = false): Uint8Array {
  const made = secp256k1.sign(digest, privateKey ?? new Uint8Array(0), { prehash: false });
  const { r, s } = secp256k1.Signature.fromBytes(made, 'compact');
  const { Fn } = secp256k1.Point;
  return upperS ? new secp256k1.Signature(r, Fn.neg(s)).toBytes('compact') : made;
}

/** A PSBT with some field otherwise. */
export function changed(psbt: Uint8Array, change: (raw: Raw) => void): Uint8Array {
  const raw = RawPSBTV0.decode(psbt);
  change(raw);
  return RawPSBTV0.encode(raw);
}

export function transactionIn({ global }: Raw): Transaction {
  const transaction = global.unsignedTx && readTransaction(RawOldTx.encode(global.unsignedTx).toHex());
  if (!transaction) throw new Error('transactionIn: none');
  return transaction;
}
