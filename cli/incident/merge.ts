/** Several watchtowers tell of the same: one fact is one line, with everybody who told it. Ordered by wall clock. */
import type { Line } from './line.ts';
import type { Source } from './read.ts';

export interface Telling {
  readonly source: string;
  readonly line: number;
  readonly at: number;
  readonly said: Line['said'];
}

export interface Fact {
  /** Wall clock of who told it first, and the chain's time then; milliseconds of Unix time. */
  readonly at: number;
  readonly chainTime: number;
  readonly event: string;
  /** The earliest first. */
  readonly tellings: readonly Telling[];
}

export function merge(sources: readonly Source[]): readonly Fact[] {
  const owners = freezesOf(sources);
  const facts = new Map<string, Telling[]>();
  for (const { name, lines } of sources) {
    const counted = new Map<string, number>();
    let episode = 0;
    for (const { number, value } of lines) {
      const { key, once } = keyOf(value, name, owners, episode);
      // Told again and again by one, it happened again and again; the second time is the others' second time.
      const before = counted.get(key) ?? 0;
      counted.set(key, before + 1);
      const whole = once ? key : `${key} ${before}`;
      const telling = { source: name, line: number, at: value.said.at, said: value.said };
      facts.set(whole, [...(facts.get(whole) ?? []), telling]);
      if (value.kind === 'known' && value.said.event === 'thawed' && value.said.standing === 0) episode += 1;
    }
  }
  return [...facts.values()]
    .map((tellings) => tellings.toSorted((a, b) => a.at - b.at))
    .flatMap((tellings) => {
      const [first] = tellings;
      if (!first) return [];
      const { at, chainTime, event } = first.said;
      // Who froze later calls it by the shorter name.
      return [{ at, chainTime, event: event === 'alarm: frozen' ? 'alarm' : event, tellings }];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** Freeze → the fact that its watchtower froze for: passed on, it is no news. */
function freezesOf(sources: readonly Source[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { value } of sources.flatMap(({ lines }) => lines)) {
    const key = sightOf(value);
    if (key !== null && 'freeze' in value.said && typeof value.said.freeze === 'string')
      owners.set(value.said.freeze, key);
  }
  return owners;
}

/** What an alarm of a watchtower's own was about; null for anything else. */
function sightOf({ kind, said }: Line): string | null {
  if (kind !== 'known' || (said.event !== 'alarm' && said.event !== 'alarm: frozen')) return null;
  if (said.by !== undefined) return null;
  const about = said.evidence?.bytes ?? said.transaction ?? said.hash ?? said.why;
  return `alarm ${said.signer ?? ''} ${about}`;
}

/** By what a line is the same as another's. `once`: however often somebody repeats it, after a restart, say. */
function keyOf(
  line: Line,
  source: string,
  owners: ReadonlyMap<string, string>,
  episode: number,
): { readonly key: string; readonly once: boolean } {
  if (line.kind === 'other') {
    const { at: _at, chainTime: _chainTime, ...said } = line.said;
    return { key: JSON.stringify(said), once: false };
  }
  const { said } = line;
  switch (said.event) {
    case 'alarm: frozen':
    case 'alarm': {
      const passed = said.freeze ?? `${said.by ?? ''} ${said.why}`;
      return { key: sightOf(line) ?? owners.get(passed) ?? `freeze ${passed}`, once: true };
    }
    case 'unexplained, and in a block':
      return { key: `${said.event} ${said.transaction ?? ''} ${said.height ?? ''}`, once: true };
    case 'signer frozen':
      // Until everything was thawed, he was frozen once.
      return { key: `${said.event} ${said.signer} ${episode}`, once: true };
    case 'evacuation announced':
      // What one did itself: others do the same for themselves.
      return said.transaction === undefined
        ? { key: `${source} ${said.event}`, once: false }
        : { key: `${source} ${said.event} ${said.transaction}`, once: true };
    case 'evacuation sent':
      return { key: `${source} ${said.event}`, once: false };
    case 'thaw taken up':
    case 'thawed':
      return { key: `${said.event} ${said.thaw}`, once: true };
    default:
      return said satisfies never;
  }
}
