/**
 * PKCS#11 (OASIS, v2.40) by node:ffi: the calls and structures that a signer needs, on machines where CK_ULONG and a
 * pointer have eight bytes and structures are not packed, as on 64-bit Linux.
 */
import { dlopen, getRawPointer } from 'node:ffi';

/** What an HSM's library answers instead of doing it. */
export class HsmFailed extends Error {
  override readonly name = 'HsmFailed';
  readonly code: bigint;
  constructor(call: string, code: bigint) {
    super(`${call}: ${answers.get(code) ?? `the HSM answers 0x${code.toString(16)}`}`);
    this.code = code;
  }
}

// pkcs11t.h, CKR_…, in words for who must do something.
const answers = new Map<bigint, string>([
  [0x03n, 'there is no such slot'],
  [0x05n, 'the HSM failed (general error)'],
  [0x11n, 'the attribute is sensitive and is not given out'],
  [0x13n, 'the HSM does not take this attribute'],
  [0x30n, 'the HSM failed (device error)'],
  [0x32n, 'the HSM was removed'],
  [0x40n, 'the encrypted bytes are invalid'],
  [0x68n, 'the HSM does not let this key do that'],
  [0x70n, 'the HSM does not know this mechanism'],
  [0xa0n, 'the PIN is wrong'],
  [0xa4n, 'the PIN is locked: too many wrong ones'],
  [0xb3n, 'the session is over: start this process again'],
  [0xe0n, 'no token is in the slot'],
  [0x101n, 'nobody is logged in'],
]);

const signatures = {
  C_Initialize: 1,
  C_Finalize: 1,
  C_GetSlotList: 3,
  C_GetTokenInfo: 2,
  C_OpenSession: 5,
  C_CloseSession: 1,
  C_Login: 4,
  C_FindObjectsInit: 3,
  C_FindObjects: 4,
  C_FindObjectsFinal: 1,
  C_GetAttributeValue: 4,
  C_GenerateKey: 5,
  C_GenerateKeyPair: 8,
  C_DestroyObject: 2,
  C_EncryptInit: 3,
  C_Encrypt: 5,
  C_DecryptInit: 3,
  C_Decrypt: 5,
  C_SignInit: 3,
  C_Sign: 5,
} as const;
type Name = keyof typeof signatures;

/** Numbers are CK_ULONG, bytes and structures are given by where they are; null is NULL. */
type Given = bigint | number | Uint8Array | Structure | null;

export type Call = (name: Name, ...given: readonly Given[]) => void;

/** Loads a vendor's library. Every call throws HsmFailed unless the answer is CKR_OK. */
export function openLibrary(path: string): Call {
  const { functions } = dlopen(
    path,
    Object.fromEntries(
      Object.entries(signatures).map(([name, count]) => [
        name,
        { arguments: Array.from({ length: count }, () => 'uint64' as const), return: 'uint64' as const },
      ]),
    ) as Record<Name, { arguments: 'uint64'[]; return: 'uint64' }>,
  );
  return (name, ...given) => {
    const answer = BigInt(
      functions[name](
        ...given.map((one) => {
          if (one === null) return 0n;
          if (typeof one !== 'object') return BigInt(one);
          return getRawPointer(one instanceof Uint8Array ? one : one.bytes);
        }),
      ),
    );
    // That `given` is looked at here also keeps V8 from collecting, during the call, what its structures point to.
    if (answer !== 0n || given.length !== signatures[name]) throw new HsmFailed(name, answer);
  };
}

/** Bytes that V8 does not move: native code is told where they are. */
export function fixed(from: number | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(typeof from === 'number' ? from : from.length));
  if (typeof from !== 'number') bytes.set(from);
  return bytes;
}

/** A CK_ULONG to be read or written by the library. */
export function ulong(value = 0n): Uint8Array {
  const bytes = fixed(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

export function ulongOf(bytes: Uint8Array, at = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
}

/** A structure of CK_ULONGs and pointers, and the bytes that it points to, which must live as long as it does. */
export interface Structure {
  readonly bytes: Uint8Array;
  readonly pointsTo: readonly Uint8Array[];
}

function structure(...fields: readonly (bigint | Uint8Array | null)[]): Structure {
  const bytes = fixed(8 * fields.length);
  const view = new DataView(bytes.buffer);
  for (const [index, field] of fields.entries()) {
    const value = field === null ? 0n : typeof field === 'bigint' ? field : getRawPointer(field);
    view.setBigUint64(8 * index, value, true);
  }
  return { bytes, pointsTo: fields.filter((field) => field instanceof Uint8Array) };
}

/** CK_ATTRIBUTE[]: type, where the value is, its length. */
export function attributes(list: readonly (readonly [type: bigint, value: Uint8Array])[]): Structure {
  return structure(
    ...list.flatMap(([type, value]) => {
      const kept = fixed(value);
      return [type, kept, BigInt(kept.length)];
    }),
  );
}

/** One CK_ATTRIBUTE whose value is to be written into `into`; undefined asks for the length alone. */
export function wanted(type: bigint, into: Uint8Array | null): Structure {
  return structure(type, into, BigInt(into?.length ?? 0));
}

/** CK_MECHANISM. */
export function mechanism(type: bigint, parameter: Structure | null = null): Structure {
  const made = structure(type, parameter?.bytes ?? null, BigInt(parameter?.bytes.length ?? 0));
  return { bytes: made.bytes, pointsTo: [...made.pointsTo, ...(parameter?.pointsTo ?? [])] };
}

/** CK_GCM_PARAMS, with a tag of 128 bits. */
export function gcm(iv: Uint8Array, context: Uint8Array): Structure {
  const [kept, also] = [fixed(iv), fixed(context)];
  return structure(kept, BigInt(kept.length), BigInt(8 * kept.length), also, BigInt(also.length), 128n);
}
