/** The HSM as a signer asks it: over the Unix socket of its process, the only connection that a signer ever opens. */
import { call } from '@kuramori/chains/http';
import type { Refusal } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import type { KeyService } from '../key-service.ts';
import { hsmRoutes } from './routes.ts';

/** What is no answer: the HSM does not do it, or its process is not there. */
type No = Refusal | { readonly kind: 'unreachable'; readonly detail: string };

/** Every question throws Misconfigured, with what the HSM says, where it does not do it or is not there. */
export function askHsm(socket: string): KeyService {
  const told = <T extends { readonly kind: string }>(answer: T | No): Exclude<T, No> => {
    if ('detail' in answer) throw new Misconfigured(`${socket}: ${answer.detail}`);
    return answer as Exclude<T, No>;
  };
  return {
    kind: 'hsm',
    async wrap(label, bytes, context) {
      const asked = { label, bytes: bytes.toHex(), context: context.toHex() };
      return Uint8Array.fromHex(told(await call({ socket }, hsmRoutes.wrap, asked)).wrapped);
    },
    async unwrap(label, wrapped, context) {
      const asked = { label, wrapped: wrapped.toHex(), context: context.toHex() };
      return Uint8Array.fromHex(told(await call({ socket }, hsmRoutes.unwrap, asked)).bytes);
    },
    async publicKey(label) {
      return Uint8Array.fromHex(told(await call({ socket }, hsmRoutes.publicKey, { label })).publicKey);
    },
    async sign(label, digest) {
      return Uint8Array.fromHex(
        told(await call({ socket }, hsmRoutes.sign, { label, digest: digest.toHex() })).signature,
      );
    },
  };
}
