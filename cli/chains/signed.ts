/** Signed: what is left between two steps, in FILE.signed: the planned bytes, and who has signed them. */
import { z } from 'zod';
import { Hex } from '@kuramori/core';
import { jsonText, readConfig } from '@kuramori/program';
import type { Planned } from './on-chain.ts';

const Signatures = z.array(z.strictObject({ key: z.string(), signature: Hex }));
const Signed = z.strictObject({
  plan: Hex,
  shares: z.array(z.strictObject({ key: z.string(), share: Hex })),
  fees: z.string().regex(/^[0-9]+$/),
  signatures: Signatures,
  /** What proves its inputs, where its chain has inputs. */
  previous: z.array(Hex).optional(),
});
export type Signatures = z.infer<typeof Signatures>;

export function signedText({ plan, shares, fees, previous }: Planned, signatures: Signatures): string {
  const proven = previous ? { previous: [...previous] } : {};
  return `${jsonText({ plan, shares: [...shares], fees: fees.toString(), signatures, ...proven })}\n`;
}

/** Throws Misconfigured. */
export function readSigned(file: string): { readonly planned: Planned; readonly signatures: Signatures } {
  const { signatures, fees, previous, ...rest } = readConfig(file, Signed);
  return {
    planned: { ...rest, fees: BigInt(fees), ...(previous ? { previous } : {}) },
    signatures,
  };
}
