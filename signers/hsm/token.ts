/** One token of an HSM, logged in: its keys by their labels. What is made here can never be taken out. */
import { randomBytes } from 'node:crypto';
import { Misconfigured } from '@kuramori/program';
import {
  attributes,
  fixed,
  gcm,
  HsmFailed,
  mechanism,
  ulong,
  ulongOf,
  wanted,
  type Call,
} from './cryptoki.ts';

export interface Token extends Disposable {
  readonly makeWrappingKey: (label: string) => void;
  readonly makeSecp256k1: (label: string) => Uint8Array;
  /** iv || ciphertext || tag. */
  readonly wrap: (label: string, bytes: Uint8Array, context: Uint8Array) => Uint8Array;
  readonly unwrap: (label: string, wrapped: Uint8Array, context: Uint8Array) => Uint8Array;
  readonly publicKey: (label: string) => Uint8Array;
  readonly sign: (label: string, digest: Uint8Array) => Uint8Array;
  /** Signs with a key that is made for it, read, and gone; null where the token gives no key out, however it is made. */
  readonly signAndTell: (
    digests: readonly Uint8Array[],
  ) => { readonly secret: Uint8Array; readonly signatures: readonly Uint8Array[] } | null;
}

// pkcs11t.h
const [serialSession, readWrite, user] = [4n, 2n, 1n];
const [publicObject, privateObject, secretObject] = [2n, 3n, 4n];
const aes = 0x1fn;
const [ecKeyGen, ecdsa, aesKeyGen, aesGcm] = [0x1040n, 0x1041n, 0x1080n, 0x1087n];
const attribute = {
  class: 0x00n,
  token: 0x01n,
  private: 0x02n,
  label: 0x03n,
  value: 0x11n,
  keyType: 0x100n,
  sensitive: 0x103n,
  encrypt: 0x104n,
  decrypt: 0x105n,
  sign: 0x108n,
  verify: 0x10an,
  valueLength: 0x161n,
  extractable: 0x162n,
  modifiable: 0x170n,
  ecParams: 0x180n,
  ecPoint: 0x181n,
} as const;
const [no, yes] = [new Uint8Array([0]), new Uint8Array([1])];
// SEC 2 §2.4.1: the name of secp256k1, 1.3.132.0.10, in DER.
const secp256k1 = Uint8Array.fromHex('06052b8104000a');
const ivLength = 12;

/** Opens a session and logs in. Throws Misconfigured where the token is not there, HsmFailed where the PIN is wrong. */
export function openToken(call: Call, name: string, pin: Uint8Array): Token {
  call('C_Initialize', null);
  const handle = ulong();
  call('C_OpenSession', slotOf(call, name), serialSession | readWrite, null, null, handle);
  const session = ulongOf(handle);
  const kept = fixed(pin);
  try {
    call('C_Login', session, user, kept, kept.length);
  } finally {
    kept.fill(0);
  }

  /** The handles of the objects of a class and a label. */
  function find(kind: bigint, label: string): readonly bigint[] {
    const template = attributes([
      [attribute.class, ulong(kind)],
      [attribute.label, Buffer.from(label)],
    ]);
    call('C_FindObjectsInit', session, template, 2);
    const [handles, count] = [fixed(8 * 2), ulong()];
    call('C_FindObjects', session, handles, 2, count);
    call('C_FindObjectsFinal', session);
    return Array.from({ length: Number(ulongOf(count)) }, (_, index) => ulongOf(handles, 8 * index));
  }

  function only(kind: bigint, label: string): bigint {
    const [found, second] = find(kind, label);
    if (found === undefined) throw new Misconfigured(`${name}: holds no key ${label}: make it first`);
    if (second !== undefined)
      throw new Misconfigured(`${name}: holds two keys ${label}: nobody knows which is meant`);
    return found;
  }

  function mustBeNew(kind: bigint, label: string): void {
    if (find(kind, label).length > 0)
      throw new Misconfigured(`${name}: has a key ${label} already, and it is never replaced`);
  }

  function read(object: bigint, type: bigint): Uint8Array {
    const length = wanted(type, null);
    call('C_GetAttributeValue', session, object, length, 1);
    const into = fixed(Number(ulongOf(length.bytes, 16)));
    call('C_GetAttributeValue', session, object, wanted(type, into), 1);
    return into;
  }

  function pair(label: string, token: Uint8Array, takenOut: Uint8Array): readonly [bigint, bigint] {
    const forPublic = attributes([
      [attribute.token, token],
      [attribute.verify, yes],
      [attribute.label, Buffer.from(label)],
      [attribute.ecParams, secp256k1],
    ]);
    const forPrivate = attributes([
      [attribute.token, token],
      [attribute.private, yes],
      [attribute.sign, yes],
      [attribute.label, Buffer.from(label)],
      [attribute.extractable, takenOut],
      [attribute.sensitive, takenOut === yes ? no : yes],
      [attribute.modifiable, no],
    ]);
    const [publicKey, privateKey] = [ulong(), ulong()];
    call(
      'C_GenerateKeyPair',
      session,
      mechanism(ecKeyGen),
      forPublic,
      4,
      forPrivate,
      7,
      publicKey,
      privateKey,
    );
    return [ulongOf(publicKey), ulongOf(privateKey)];
  }

  function signWith(key: bigint, digest: Uint8Array): Uint8Array {
    const [given, signature, length] = [fixed(digest), fixed(64), ulong(64n)];
    call('C_SignInit', session, mechanism(ecdsa), key);
    call('C_Sign', session, given, given.length, signature, length);
    return signature;
  }

  /** X9.62: the point stands in an OCTET STRING. */
  const pointOf = (object: bigint) => read(object, attribute.ecPoint).subarray(2);

  return {
    makeWrappingKey(label) {
      mustBeNew(secretObject, label);
      const template = attributes([
        [attribute.class, ulong(secretObject)],
        [attribute.keyType, ulong(aes)],
        [attribute.valueLength, ulong(32n)],
        [attribute.token, yes],
        [attribute.private, yes],
        [attribute.label, Buffer.from(label)],
        [attribute.encrypt, yes],
        [attribute.decrypt, yes],
        [attribute.extractable, no],
        [attribute.sensitive, yes],
        [attribute.modifiable, no],
      ]);
      call('C_GenerateKey', session, mechanism(aesKeyGen), template, 11, ulong());
    },
    makeSecp256k1(label) {
      mustBeNew(privateObject, label);
      return pointOf(pair(label, yes, no)[0]);
    },
    wrap(label, bytes, context) {
      const iv = randomBytes(ivLength);
      const [given, length] = [fixed(bytes), ulong(BigInt(bytes.length + 16))];
      const sealed = fixed(bytes.length + 16);
      call('C_EncryptInit', session, mechanism(aesGcm, gcm(iv, context)), only(secretObject, label));
      call('C_Encrypt', session, given, given.length, sealed, length);
      return Buffer.concat([iv, sealed.subarray(0, Number(ulongOf(length)))]);
    },
    unwrap(label, wrapped, context) {
      const [iv, given] = [wrapped.subarray(0, ivLength), fixed(wrapped.subarray(ivLength))];
      const [opened, length] = [fixed(given.length), ulong(BigInt(given.length))];
      call('C_DecryptInit', session, mechanism(aesGcm, gcm(iv, context)), only(secretObject, label));
      try {
        call('C_Decrypt', session, given, given.length, opened, length);
      } catch (cause) {
        // Each HSM has a code of its own for a tag that is wrong.
        throw new Misconfigured(
          `${name}: the wrapped bytes are damaged, or not wrapped by ${label} (${(cause as Error).message})`,
          { cause },
        );
      }
      return opened.subarray(0, Number(ulongOf(length)));
    },
    publicKey: (label) => pointOf(only(publicObject, label)),
    sign: (label, digest) => signWith(only(privateObject, label), digest),
    signAndTell(digests) {
      let made: readonly [bigint, bigint];
      try {
        made = pair('self-test', no, yes);
      } catch (cause) {
        if (cause instanceof HsmFailed) return null;
        throw cause;
      }
      try {
        return {
          secret: read(made[1], attribute.value),
          signatures: digests.map((one) => signWith(made[1], one)),
        };
      } catch (cause) {
        if (cause instanceof HsmFailed && cause.code === 0x11n) return null;
        throw cause;
      } finally {
        for (const object of made) call('C_DestroyObject', session, object);
      }
    },
    [Symbol.dispose]() {
      call('C_CloseSession', session);
      call('C_Finalize', null);
    },
  };
}

/** The slot in which the token of that label is. */
function slotOf(call: Call, name: string): bigint {
  const count = ulong();
  call('C_GetSlotList', 1, null, count);
  const slots = fixed(8 * Number(ulongOf(count)));
  call('C_GetSlotList', 1, slots, count);
  // CK_TOKEN_INFO begins with the label, 32 bytes, padded with blanks.
  const label = (slot: bigint) => {
    const info = fixed(256);
    call('C_GetTokenInfo', slot, info);
    return Buffer.from(info.subarray(0, 32)).toString('utf8').trimEnd();
  };
  const all = Array.from({ length: Number(ulongOf(count)) }, (_, index) => ulongOf(slots, 8 * index));
  const found = all.filter((slot) => label(slot) === name);
  if (found[0] === undefined || found.length > 1)
    throw new Misconfigured(`token: the HSM has ${found.length} tokens called ${name}: it must be one`);
  return found[0];
}
