/** Runbook: in which order the services of an asset are stopped, and in which stages, by how many people, they are opened again. */
import { AssetName } from '@kuramori/core';
import { readConfig } from '@kuramori/program';
import { z } from 'zod';

export const ServiceName = z.enum(['deposits', 'trading', 'withdrawals']);
export type ServiceName = z.infer<typeof ServiceName>;

function namesEach(all: readonly { readonly service: string }[]): boolean {
  return (
    all.length === ServiceName.options.length &&
    new Set(all.map(({ service }) => service)).size === all.length
  );
}
const eachOnce = `must name each of ${ServiceName.options.join(', ')} once`;

const Steps = z
  .array(
    z.strictObject({
      service: ServiceName,
      /** So long at most the exchange is waited for, until its webhooks have taken this step, before the next one. */
      waitSeconds: z.number().min(0).max(60),
    }),
  )
  .refine(namesEach, eachOnce);

const Stages = z
  .array(
    z.strictObject({
      service: ServiceName,
      /** That must have passed since the stage before, or since the thaw. */
      minutes: z.number().min(0).max(10_080),
      /** How many must say so, each by a login of their own. The database takes no less than two. */
      people: z.int().min(2, 'must be 2 or more: one person alone opens nothing').max(10),
    }),
  )
  .refine(namesEach, eachOnce);

const Order = z.strictObject({ stop: Steps, reopen: Stages });
export type Order = z.infer<typeof Order>;

export const Runbook = z.strictObject({
  /** After so long in which no signer and no watchtower has answered, everything is stopped: silence stops. */
  silenceSeconds: z.number().min(1).max(3600),
  /** For each asset of which nothing else is said. */
  usual: Order,
  assets: z
    .array(z.strictObject({ asset: AssetName, ...Order.shape }))
    .default([])
    .refine((all) => new Set(all.map(({ asset }) => asset)).size === all.length, 'must name no asset twice'),
});
export type Runbook = z.infer<typeof Runbook>;

/** What docs/runbook.json says. */
export const usualRunbook: Runbook = {
  silenceSeconds: 60,
  usual: {
    stop: [
      { service: 'deposits', waitSeconds: 2 },
      { service: 'withdrawals', waitSeconds: 2 },
      { service: 'trading', waitSeconds: 0 },
    ],
    reopen: [
      { service: 'deposits', minutes: 0, people: 2 },
      { service: 'trading', minutes: 30, people: 2 },
      { service: 'withdrawals', minutes: 60, people: 2 },
    ],
  },
  assets: [],
};

/** Throws a Misconfigured that names the file and the field. */
export function readRunbook(file: string | undefined): Runbook {
  return file === undefined ? usualRunbook : readConfig(file, Runbook);
}

export function orderFor({ usual, assets }: Runbook, asset: string): Order {
  return assets.find((one) => one.asset === asset) ?? usual;
}
