/** Announcement: what each node answered to each signed part, as it is kept. */
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

const Part = z.object({ part: integer, signer: z.string(), share: z.string(), signature: z.string() });

export const Announcement = z.object({
  part: integer,
  node: z.string(),
  tries: integer,
  at: integer,
  code: integer.nullable(),
  message: z.string(),
});
export type Announcement = z.infer<typeof Announcement>;

/** A node's newest answer to a part of a withdrawal's plan. */
export interface Kept extends Announcement {
  readonly withdrawal: string;
  readonly plan: number;
}

/** What was signed of a plan, in the order of announcing, and what is known of its way so far. */
export interface Sent {
  readonly parts: readonly z.infer<typeof Part>[];
  readonly before: readonly Announcement[];
}

export function announcementsOf(client: Client, withdrawal: string, plan: number): Promise<Announcement[]> {
  return rows(
    client,
    Announcement,
    `select part, node, tries, at, code, message from custody.announcement
       where withdrawal = $1 and plan = $2 order by part, node`,
    [withdrawal, plan],
  );
}

const Found = z.object({ parts: z.array(Part), before: z.array(Announcement) });

/** Of several plans at once, in their order. */
export function sentOf(
  client: Client,
  plans: readonly { readonly withdrawal: string; readonly plan: number }[],
): Promise<Sent[]> {
  return rows(
    client,
    Found,
    `select
       (select coalesce(json_agg(json_build_object('part', s.part, 'signer', s.signer, 'share', s.share,
          'signature', s.signature) order by s.part), '[]')
          from custody.signature s where s.withdrawal = p.withdrawal and s.plan = p.plan) as parts,
       (select coalesce(json_agg(json_build_object('part', a.part, 'node', a.node, 'tries', a.tries, 'at', a.at,
          'code', a.code, 'message', a.message) order by a.part, a.node), '[]')
          from custody.announcement a where a.withdrawal = p.withdrawal and a.plan = p.plan) as before
       from unnest($1::text[], $2::int[]) with ordinality p (withdrawal, plan, place) order by p.place`,
    [plans.map(({ withdrawal }) => withdrawal), plans.map(({ plan }) => plan)],
  );
}

export async function keepAnnouncements(client: Client, all: readonly Kept[]): Promise<void> {
  // Announced by two at once, the newer answer counts.
  const kept = [
    ...new Map(all.map((one) => [`${one.withdrawal} ${one.plan} ${one.part} ${one.node}`, one])).values(),
  ];
  await client.query(
    `insert into custody.announcement (withdrawal, plan, part, node, tries, at, code, message)
       select withdrawal, plan, part, node, 1, at, code, message
         from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::bigint[], $6::int[], $7::text[])
           k (withdrawal, plan, part, node, at, code, message)
       on conflict (withdrawal, plan, part, node) do update
         set tries = announcement.tries + 1, at = excluded.at, code = excluded.code, message = excluded.message`,
    [
      kept.map(({ withdrawal }) => withdrawal),
      kept.map(({ plan }) => plan),
      kept.map(({ part }) => part),
      kept.map(({ node }) => node),
      kept.map(({ at }) => at),
      kept.map(({ code }) => code),
      kept.map(({ message }) => message.slice(0, 500).replaceAll('\0', '')),
    ],
  );
}
