/** Layout: what a wallet's whole layout survives, shown before a key of it is made or shared; one that a single loss or thief breaks is refused. */
import { canonicalText, lossesOf, Safekeeping, tellLosses, type Plain } from '@kuramori/core';
import { Misconfigured, readConfig } from '@kuramori/program';
import type { Layout as Sharing } from '../slip39/layout.ts';
import { sha256 } from './backup.ts';
import type { Ceremony, What } from '../step/step.ts';

export interface Named {
  /** The file that says where everything lies. */
  readonly file: string;
  /** What this key is called there. */
  readonly as: string;
}

/** For the transcript: the file by its digest; nothing where none is named. Throws Misconfigured. */
export function mustSurvive(ceremony: Ceremony, named: Named | undefined, sharing?: Sharing): What {
  if (!named) return [];
  const { file, as } = named;
  const kept = readConfig(file, Safekeeping);
  const key = kept.keys.find(({ name }) => name === as);
  if (!key) throw new Misconfigured(`${file}: no key of it is called ${as}`);
  if (sharing && !isOf(key.papers, sharing))
    throw new Misconfigured(`${file}: ${as}: papers: are others than these shares: change one of both`);
  const losses = lossesOf(kept);
  for (const line of tellLosses(losses)) ceremony.say(line);
  const [first] = losses.why;
  if (first !== undefined) throw new Misconfigured(`${file}: ${first}`);
  return [
    { name: 'as', value: `${as} of ${kept.wallet}` },
    { name: 'safekeeping', value: sha256(Buffer.from(canonicalText(kept as Plain))) },
  ];
}

function isOf(papers: Safekeeping['keys'][number]['papers'], { groupThreshold, groups }: Sharing): boolean {
  return (
    papers?.groupThreshold === groupThreshold &&
    papers.groups.length === groups.length &&
    papers.groups.every(
      (group, at) => group.threshold === groups[at]?.threshold && group.papers.length === groups[at].count,
    )
  );
}
