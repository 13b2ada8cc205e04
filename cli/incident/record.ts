/** The record: all that the lines tell, in one object; docs/incident.md describes it. */
import { z } from 'zod';
import { Does } from './line.ts';

const time = z.int().nonnegative();
const place = z.strictObject({ node: z.string(), height: time });
const sum = z.strictObject({
  asset: z.string(),
  /** Whole smallest units. What unexplained transfers would move, each counted once. */
  announced: z.string(),
  /** Of them, what stands in a block that some node showed. */
  inBlocks: z.string(),
});

export const IncidentRecord = z.strictObject({
  v: z.literal(1),
  /** Lines before it are left out. Times here are milliseconds of Unix time by the wall clocks of who told it. */
  since: time.nullable(),
  sources: z.array(z.strictObject({ name: z.string(), lines: time, torn: z.boolean() })),
  firstSight: time.nullable(),
  firstAlarm: time.nullable(),
  /** Each whom some watchtower knows to have frozen. */
  signers: z.array(z.strictObject({ signer: z.string(), at: time })),
  transactions: z.array(
    z.strictObject({
      /** Null where only signed bytes are known. */
      hash: z.string().nullable(),
      /** Of what it carries, which confirms in other wrappers, too. */
      inner: z.string().nullable(),
      wallet: z.string().nullable(),
      /** Null where the lines do not say it. */
      does: Does.nullable(),
      firstSeen: time,
      signatures: z.array(
        z.strictObject({
          signer: z.string(),
          bytes: z.string().nullable(),
          signature: z.string().nullable(),
          verifies: z.boolean().nullable(),
        }),
      ),
      inBlocks: z.array(place),
    }),
  ),
  sums: z.array(sum),
  /** Addresses that unexplained transactions name: whose they are, nobody has checked. */
  named: z.array(
    z.strictObject({
      address: z.string(),
      as: z.enum(['recipient', 'cosigner']),
      transactions: z.array(z.string()),
    }),
  ),
  /** `assets`: what each stopped; null for everything. */
  freezes: z.array(
    z.strictObject({ at: time, by: z.string(), why: z.string(), assets: z.array(z.string()).nullable() }),
  ),
  evacuations: z.array(
    z.strictObject({
      at: time,
      what: z.enum(['announced', 'sent']),
      wallet: z.string(),
      asset: z.string().nullable(),
      units: z.string().nullable(),
      destination: z.string().nullable(),
      transaction: z.string().nullable(),
      answers: z.array(z.string()),
    }),
  ),
  thaws: z.array(
    z.strictObject({
      thaw: z.string(),
      takenUp: time.nullable(),
      due: time.nullable(),
      lifted: time.nullable(),
      keepers: z.array(z.string()),
      cause: z.string().nullable(),
      answers: z.record(z.string(), z.string()),
    }),
  ),
  /** Null where no pager's journal was given. */
  pages: z
    .array(
      z.strictObject({
        at: time,
        event: z.enum(['opened', 'delivered', 'escalated', 'acknowledged', 'resolved']),
        page: z.string(),
        person: z.string().nullable(),
        channel: z.string().nullable(),
      }),
    )
    .nullable(),
  /** What these lines do not tell, by name. */
  unknown: z.array(
    z.enum([
      'torn-line',
      'no-sight',
      'no-alarm',
      'no-signer-frozen',
      'no-transaction',
      'some-undecoded',
      'several-heights',
      'no-evacuation',
      'evacuation-not-in-a-block',
      'no-thaw',
      'no-pages',
      'nobody-answered',
    ]),
  ),
  facts: z.array(
    z.strictObject({
      at: time,
      chainTime: z.number(),
      event: z.string(),
      toldBy: z.array(z.strictObject({ source: z.string(), line: time, at: time })),
      /** As the first of them said it. */
      said: z.record(z.string(), z.json()),
    }),
  ),
});
export type IncidentRecord = z.infer<typeof IncidentRecord>;
export type Unknown = IncidentRecord['unknown'][number];
export type Transaction = IncidentRecord['transactions'][number];
