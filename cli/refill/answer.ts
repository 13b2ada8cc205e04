/** Answer: what a vault gave back, in a file of one line. */
import { z } from 'zod';
import { Hex, Told } from '@kuramori/core';
import { readConfig } from '@kuramori/program';

const Journal = z.looseObject({
  vault: z.string().min(1),
  entries: z.array(Told).max(10_000),
});
const Signature = Journal.extend({ key: z.string(), share: Hex, signature: Hex });

export type Answer = z.infer<typeof Signature>;

/** Throws Misconfigured. */
export const readAnswer = (file: string): Answer => readConfig(file, Signature);

/** The journal alone, of an answer of either kind. Throws Misconfigured. */
export const readTold = (file: string): z.infer<typeof Journal> => readConfig(file, Journal);
