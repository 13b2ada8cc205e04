/** Command: what a ceremony's program is asked, as one argument of JSON. No secret is in it: what is on a command line others see. */
import { z } from 'zod';
import { Present } from '@kuramori/core';
import { On } from '../keystore.ts';
import { paperSizes } from '../paper/index.ts';

const path = z.string().startsWith('/', 'must be an absolute path');
const common = {
  /** The signer's own folder. */
  folder: path,
  present: Present,
  /** The process of the HSM that wraps the keystore. */
  hsm: z.strictObject({ socket: path }).optional(),
};
/** What somebody would type; absent where somebody is there to type it. */
const confirm = z.string().max(200).optional();
/** Of the words that the chain key comes from; absent: English. */
const language = z.enum(['english', 'japanese']).optional();
/** A rehearsal: papers may come to lie on one medium. */
const althoughTogether = z.boolean().default(false);
/** The file of the wallet's whole layout, and what this key is called in it. */
const layout = z.strictObject({ file: path, as: z.string().min(1).max(64) }).optional();
const wrapping = z.strictObject({ socket: path, key: z.string().min(1).max(64) }).optional();

export const Command = z.discriminatedUnion('step', [
  z.strictObject({
    ...common,
    step: z.literal('create'),
    /** The chain that its key signs for; absent: NEM. */
    on: On.optional(),
    language,
    /** A file of what people threw, or '-': somebody types it. */
    thrown: z.union([z.literal('-'), path]).optional(),
    layout,
    hsm: z.union([wrapping, common.hsm]),
    /** Where the chain key is elsewhere: its name in the HSM, or itself with its origin, as a wallet or device shows it. */
    keyInHsm: z.string().min(1).max(64).optional(),
    keyInWallet: z.string().max(400).optional(),
  }),
  z.strictObject({ ...common, step: z.literal('pin'), policy: path, confirm }),
  z.strictObject({ ...common, step: z.literal('back-up'), to: path }),
  z.strictObject({ ...common, step: z.literal('restore'), from: path, passphrase: path }),
  z.strictObject({
    ...common,
    step: z.literal('share'),
    groupThreshold: z.int().positive(),
    groups: z.array(z.strictObject({ threshold: z.int().positive(), count: z.int().positive() })),
    // An entry of the transcript names each.
    to: z.array(path).max(48, 'at most 48 shares'),
    sharePassphrase: path.optional(),
    althoughTogether,
    layout,
    /** Pages to print beside each text; absent: none. */
    paper: z.enum(paperSizes).optional(),
    /** The folder of the page for the safe. */
    safe: path.optional(),
  }),
  z.strictObject({ ...common, step: z.literal('words'), to: path, althoughTogether }),
  z.strictObject({
    ...common,
    step: z.literal('recover'),
    on: On.optional(),
    language,
    shares: z.array(path).max(48, 'at most 48 shares'),
    words: path.optional(),
    sharePassphrase: path.optional(),
    hsm: wrapping,
    confirm,
  }),
  z.strictObject({
    ...common,
    step: z.literal('rehearse'),
    /** Where no keys are in the folder; else it says so itself. */
    on: On.optional(),
    language,
    /** What is tried: files of shares, or none, where their holders type them or bring their media one after another. */
    shares: z.array(path).max(16, 'at most 16 shares').default([]),
    /** The folder where media are put in one after another. */
    from: path.optional(),
    words: path.optional(),
    backup: path.optional(),
    /** The copy that opens the backup. */
    passphrase: path.optional(),
    sharePassphrase: path.optional(),
    /** Who brings each, in the order in which they are given: of those present. */
    holders: z.array(z.string()).min(1, 'somebody brings what is tried: name them').max(16),
    policy: path.optional(),
    althoughTogether,
    confirm,
  }),
  z.strictObject({
    ...common,
    step: z.literal('retire'),
    /** Absent only for a signer that never pinned one. */
    policy: path.optional(),
    althoughNamed: z.boolean(),
    confirm,
  }),
]);
export type Command = z.infer<typeof Command>;
